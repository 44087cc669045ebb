import t from 'tap';
import { Prng } from '../base/prng.ts';
import type { Zxid } from '../base/zxid.ts';
import type { SessionId } from '../base/session-id.ts';
import type { DataTree } from '../tree/data-tree.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { readAcl } from '../wire/records/acl.ts';
import type { MultiOp } from '../wire/records/multi-request.ts';
import { readMultiResponse } from '../wire/records/multi-response.ts';
import { readStat } from '../wire/records/stat.ts';
import { readWatcherEvent } from '../wire/records/watcher-event.ts';
import { ascii, create, multi, pathOnly, pathVersion, pathWatch, setAcl, setData } from './testing/bodies.ts';
import {
  ReferenceModel,
  type ModelContext,
  type ModelEvent,
  type ModelOp,
  type ModelResult,
} from './testing/reference-model.ts';
import type { Reply, TestClient } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

// Several connections send random requests, pipelined, with flushes that come back when they please. Every
// reply names the zxid whose state it shows; so afterwards each can be compared with what a model says at that
// zxid (C4, C5), and so can the watch events and their places among the replies (C7, C8).

/** One request, and what is known of it when it is sent. */
interface Sent {
  readonly op: ModelOp;
  readonly context: ModelContext;
}

/** One connection and everything that it sent and received. */
interface Line {
  readonly client: TestClient;
  readonly number: number;
  readonly session: SessionId;
  readonly sent: Map<number, Sent>;
  readonly received: Reply[];
  state: 'open' | 'closing' | 'gone';
}

const CODES = {
  create: OpCode.create,
  create2: OpCode.create2,
  delete: OpCode.delete,
  check: OpCode.check,
  setData: OpCode.setData,
  setACL: OpCode.setAcl,
  multi: OpCode.multi,
  closeSession: OpCode.closeSession,
  createSession: OpCode.createSession,
  exists: OpCode.exists,
  getData: OpCode.getData,
  getChildren: OpCode.getChildren,
  getChildren2: OpCode.getChildren2,
  getACL: OpCode.getAcl,
} as const;

const everybody = (perms: number) => [{ perms, scheme: 'world', id: 'anyone' }];
const isRead = (op: ModelOp): boolean => 'watch' in op || op.f === 'getACL';

class Run {
  readonly server = new TestServer();
  readonly lines: Line[] = [];
  /** By zxid, which is their order. */
  readonly writes: Sent[] = [];
  readonly #random: Prng;

  constructor(seed: number) {
    this.#random = new Prng(seed);
    this.server.holdsFlushes = true;
    for (let i = 0; i < 3; i++) this.#open();
  }

  play(steps: number): void {
    for (let i = 0; i < steps; i++) this.#step();
    this.server.holdsFlushes = false;
    this.server.settle();
    for (const line of this.lines) line.received.push(...line.client.replies());
  }

  #step(): void {
    const line = this.lines[this.#random.below(this.lines.length)] as Line;
    const draw = this.#random.below(100);
    if (line.state === 'open') {
      if (draw < 2) this.#drop(line);
      else if (draw < 4) this.#comeBack(line);
      else if (draw < 6) this.#send(line, { f: 'closeSession' });
      else for (let i = this.#random.below(4); i >= 0; i--) this.#send(line, this.#op());
    }
    if (this.lines.filter((each) => each.state === 'open').length < 3) this.#open();
    if (this.#random.below(3) === 0) this.server.settle();
    if (this.#random.below(3) === 0 && this.server.log.isWriting) this.server.log.complete();
  }

  #open(): void {
    const { server } = this;
    server.wallMs++;
    this.#recordWrite({ f: 'createSession' }, { session: 0n as SessionId, watcher: -1 });
    server.holdsFlushes = false;
    const client = server.connect();
    server.holdsFlushes = true;
    this.#addLine(client, client.session);
  }

  #comeBack(line: Line): void {
    const client = this.server.open();
    client.sendConnect({ sessionId: line.session, passwd: line.client.password });
    this.server.settle();
    client.connectResponse();
    this.#drop(line);
    this.#addLine(client, line.session);
  }

  #addLine(client: TestClient, session: SessionId): void {
    this.lines.push({
      client,
      session,
      number: this.lines.length,
      sent: new Map(),
      received: [],
      state: 'open',
    });
  }

  #drop(line: Line): void {
    line.received.push(...line.client.replies());
    line.client.connection.onClosed();
    line.state = 'gone';
  }

  #send(line: Line, op: ModelOp): void {
    if (line.state !== 'open') return;
    this.server.wallMs++;
    const who = { session: line.session, watcher: line.number };
    const context = isRead(op) ? { ...who, zxid: 0 as Zxid, time: 0 } : this.#recordWrite(op, who);
    const xid = line.client.send(CODES[op.f], bodyOf(op));
    line.sent.set(xid, { op, context });
    if (op.f === 'closeSession') line.state = 'closing';
  }

  #recordWrite(op: ModelOp, who: Pick<ModelContext, 'session' | 'watcher'>): ModelContext {
    const context = { ...who, zxid: (this.writes.length + 1) as Zxid, time: this.server.wallMs };
    this.writes.push({ op, context });
    return context;
  }

  #op(): ModelOp {
    const random = this.#random;
    const path = this.#path();
    const version = random.below(3) === 0 ? random.below(3) : -1;
    const perms = random.below(8) === 0 ? random.below(32) : 31;
    const draw = random.below(100);
    if (draw < 25) {
      const f = random.below(2) === 0 ? 'create' : 'create2';
      return { f, path, data: `${random.below(1000)}`, flags: random.below(4), perms };
    }
    if (draw < 35) return { f: 'delete', path, version };
    if (draw < 48) return { f: 'setData', path, data: `${random.below(1000)}`, version };
    if (draw < 52) return { f: 'setACL', path, perms, version };
    if (draw < 62) return { f: 'multi', ops: Array.from({ length: random.below(5) }, () => this.#subOp()) };
    if (draw < 65) return { f: 'getACL', path };
    const f = (['exists', 'getData', 'getChildren', 'getChildren2'] as const)[random.below(4)] ?? 'exists';
    return { f, path, watch: random.below(2) === 0 };
  }

  #subOp(): ModelOp {
    for (;;) {
      const op = this.#op();
      if (op.f === 'setACL' || op.f === 'multi' || op.f === 'create2' || isRead(op)) continue;
      return this.#random.below(6) === 0 ? { f: 'check', path: this.#path(), version: -1 } : op;
    }
  }

  #path(): string {
    let path = '';
    for (let depth = 1 + this.#random.below(3); depth > 0; depth--) path += `/${'ab'[this.#random.below(2)]}`;
    return path;
  }
}

function bodyOf(op: ModelOp): Parameters<TestClient['send']>[1] {
  switch (op.f) {
    case 'create':
    case 'create2':
      return create(op.path, op.data, op.flags, everybody(op.perms));
    case 'delete':
    case 'check':
      return pathVersion(op.path, op.version);
    case 'setData':
      return setData(op.path, op.data, op.version);
    case 'setACL':
      return setAcl(op.path, everybody(op.perms), op.version);
    case 'multi':
      return multi(op.ops.map(multiOp));
    case 'closeSession':
    case 'createSession':
      return undefined;
    case 'getACL':
      return pathOnly(op.path);
    default:
      return pathWatch(op.path, op.watch);
  }
}

function multiOp(op: ModelOp): MultiOp {
  switch (op.f) {
    case 'create':
      return {
        type: OpCode.create,
        request: { path: op.path, data: ascii(op.data), acl: everybody(op.perms), flags: op.flags },
      };
    case 'delete':
      return { type: OpCode.delete, request: { path: op.path, version: op.version } };
    case 'check':
      return { type: OpCode.check, request: { path: op.path, version: op.version } };
    case 'setData':
      return { type: OpCode.setData, request: { path: op.path, data: ascii(op.data), version: op.version } };
    default:
      throw new Error(`${op.f} in a multi`);
  }
}

function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString();
}

function resultOf(op: ModelOp, err: number, body: JuteReader): ModelResult {
  if (err !== 0) return { err };
  switch (op.f) {
    case 'create':
      return { err, path: body.string() };
    case 'create2':
      return { err, path: body.string(), stat: readStat(body) };
    case 'setData':
    case 'setACL':
    case 'exists':
      return { err, stat: readStat(body) };
    case 'getData':
      return { err, data: textOf(body.buffer()), stat: readStat(body) };
    case 'getChildren':
      return { err, children: (body.strings() ?? []).sort() };
    case 'getChildren2':
      return { err, children: (body.strings() ?? []).sort(), stat: readStat(body) };
    case 'getACL':
      return { err, perms: body.vector(readAcl)?.[0]?.perms ?? -1, stat: readStat(body) };
    case 'multi':
      return {
        err,
        results: readMultiResponse(body).map((result) => {
          if (result.type === OpCode.error) return { err: result.response.err };
          if (result.type === OpCode.create) return { err: 0, path: result.response.path };
          if (result.type === OpCode.setData) return { err: 0, stat: result.response.stat };
          return { err: 0 };
        }),
      };
    default:
      return { err };
  }
}

/** What is wrong with the run, in words; null if nothing is. */
function judge(run: Run): string | null {
  const model = new ReferenceModel();
  const expectedEvents: ModelEvent[][] = run.lines.map(() => []);
  const readsAt = new Map<Zxid, { line: Line; reply: Reply; sent: Sent }[]>();
  const replyTo = new Map<Sent, Reply>();
  for (const line of run.lines) {
    let last = 0;
    for (const reply of line.received) {
      if (reply.xid === SpecialXid.notification) continue;
      if (reply.xid !== last + 1) return `connection ${line.number}: reply ${reply.xid} after ${last} (C2)`;
      last = reply.xid;
      const sent = line.sent.get(reply.xid);
      if (sent === undefined) return `connection ${line.number}: a reply to nothing`;
      if (!isRead(sent.op)) replyTo.set(sent, reply);
      else readsAt.set(reply.zxid, [...(readsAt.get(reply.zxid) ?? []), { line, reply, sent }]);
    }
    if (line.state === 'open' && last !== line.sent.size)
      return `connection ${line.number}: replies are missing`;
  }

  for (const { op, context } of run.writes) {
    const { result, events } = model.write(op, context);
    for (const event of events) expectedEvents[event.watcher]?.push(event);
    const sent = [...(run.lines[context.watcher]?.sent.values() ?? [])].find(
      (each) => each.context === context,
    );
    const reply = sent === undefined ? undefined : replyTo.get(sent);
    if (reply !== undefined) {
      if (reply.zxid !== context.zxid) return `${show(op)} at ${context.zxid} answered at ${reply.zxid}`;
      const actual = resultOf(op, reply.err, reply.body);
      if (show(actual) !== show(result))
        return `${show(op)} at ${context.zxid}: ${show(actual)}, not ${show(result)}`;
    }
    for (const read of readsAt.get(context.zxid) ?? []) {
      const expected = model.read(read.sent.op, read.sent.context);
      const actual = resultOf(read.sent.op, read.reply.err, read.reply.body);
      if (show(actual) !== show(expected)) {
        return `${show(read.sent.op)} at ${context.zxid}: ${show(actual)}, not ${show(expected)}`;
      }
    }
  }
  return judgeEvents(run, expectedEvents);
}

function judgeEvents(run: Run, expectedEvents: readonly (readonly ModelEvent[])[]): string | null {
  for (const line of run.lines) {
    const expected = expectedEvents[line.number] ?? [];
    let count = 0;
    for (const reply of line.received) {
      if (reply.xid === SpecialXid.notification) {
        const { type, path } = readWatcherEvent(reply.body);
        const actual = { watcher: line.number, type, path, zxid: reply.zxid };
        if (show(actual) !== show(expected[count])) {
          return `connection ${line.number}: event ${show(actual)}, not ${show(expected[count])} (C7)`;
        }
        count++;
      } else {
        const due = expected.filter((event) => event.zxid <= reply.zxid).length;
        if (count !== due) {
          return `connection ${line.number}: ${count} events before reply ${reply.xid} and not ${due} (C8)`;
        }
      }
    }
    if (line.state === 'open' && count !== expected.length) {
      return `connection ${line.number}: ${count} events of ${expected.length} (C7)`;
    }
  }
  return null;
}

/** As the tree counts, of what can be found in it: the root is there under two names. */
function sizeOf(tree: DataTree): number {
  let size = 1;
  const pending = ['/'];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const node = tree.get(path);
    if (node === undefined) return Number.NaN;
    size += node.path.length + (node.data?.length ?? 0);
    for (const name of node.children ?? []) pending.push(`${node.path}/${name}`);
  }
  return size;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? each.toString(16) : each,
  );
}

await t.test('results, stats, errors and events are those of the model, at every zxid', async (t) => {
  let reads = 0;
  let events = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const run = new Run(seed);
    run.play(400);
    const verdict = judge(run);
    if (verdict !== null) {
      t.fail(`seed ${seed}: ${verdict}`);
      return;
    }
    const { tree } = run.server;
    if (sizeOf(tree) !== tree.approximateDataSize) {
      t.fail(`seed ${seed}: the tree counts ${tree.approximateDataSize} bytes, and has ${sizeOf(tree)}`);
      return;
    }
    for (const { sent, received } of run.lines) {
      reads += [...sent.values()].filter(({ op }) => isRead(op)).length;
      events += received.filter((reply) => reply.xid === SpecialXid.notification).length;
    }
  }
  t.ok(reads > 5000, `${reads} reads`);
  t.ok(events > 1000, `${events} events`);
});
