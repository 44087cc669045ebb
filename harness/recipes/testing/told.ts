import type { SessionId } from '../../../server/base/session-id.ts';
import type { Zxid } from '../../../server/base/zxid.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode } from '../../../server/wire/opcode.ts';
import { CreateMode, writeCreate2Response } from '../../../server/wire/records/create.ts';
import { writeGetChildren2Response } from '../../../server/wire/records/get-children.ts';
import { writeGetDataResponse } from '../../../server/wire/records/get-data.ts';
import { type MultiResult, writeMultiResponse } from '../../../server/wire/records/multi-response.ts';
import { writeSetDataResponse } from '../../../server/wire/records/set-data.ts';
import type { Stat } from '../../../server/wire/records/stat.ts';
import { EventType } from '../../../server/wire/records/watcher-event.ts';
import type { SingleWriteOp } from '../../model/write-op.ts';
import type { Exchange, Happening } from '../../transcript/happening.ts';

/** Of every session in these histories. */
export const TIMEOUT_MS = 1000;

const EPOCH_SPAN = 2 ** 32;
const TICK_NS = 1e6;
const RUNTIME_INCONSISTENCY = -2;

const BLANK: Stat = {
  czxid: 0 as Zxid,
  mzxid: 0 as Zxid,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n as SessionId,
  dataLength: 0,
  numChildren: 0,
  pzxid: 0 as Zxid,
};

const EVENTS: Readonly<Record<string, number>> = {
  created: EventType.nodeCreated,
  deleted: EventType.nodeDeleted,
  changed: EventType.nodeDataChanged,
  children: EventType.nodeChildrenChanged,
};

interface Asked {
  readonly op: Exchange['op'];
  readonly opCode: number;
  readonly body: Uint8Array;
  readonly err: number;
}

/**
 * What clients were told, as a history that a check can judge, from a text that a person can read. Lines, or parts of one
 * between `|`, are a millisecond apart and begin with the client; paths are below `root`:
 *
 *     0 create a          asked, and done
 *     0 create:e a        ephemeral; create:s and create:es sequential, `-> 7` is its number
 *     0 create a !-110    refused
 *     0 create a ?        never answered
 *     @p 1 delete a       asked; answered at the line `=p`
 *     0 set a data if 3 -> 4     the version compared with, and the one that was made
 *     0 get a -> data 4   with its version; `getw` sets a watch
 *     0 list . -> a b     `listw` sets a watch
 *     0 read a b -> data 4 ; data 2         a multiRead; `-` for what is not there
 *     0 multi set a x if 3 -> 4 ; check b 1   `multi!` was refused, -103 for its last part
 *     0 sync, 0 close
 *     0 lost, 0 expired   its connection, its session; it has a new one when it is heard of next
 *     0 event changed a   created, deleted, children
 *     0 note quiet        a note of that kind
 *     wait 500            ms
 *     epoch 2             of all answers from here on
 *
 * @throws Error for a line that says something else.
 */
export function told(root: string, text: string): Happening[] {
  const teller = new Teller(root);
  for (const line of text.split(/[\n|]/)) if (line.trim() !== '') teller.tell(line.trim());
  return teller.happenings;
}

class Teller {
  readonly happenings: Happening[] = [];
  readonly #root: string;
  readonly #sessions = new Map<number, bigint>();
  readonly #owners = new Map<string, bigint>();
  readonly #waiting = new Map<string, { readonly exchange: Exchange; readonly asked: Asked }>();
  #made = 0n;
  #nowNs = 0;
  #epoch = 1;
  #counter = 0;
  #xid = 0;

  constructor(root: string) {
    this.#root = root;
  }

  tell(line: string): void {
    const words = line.split(/\s+/);
    const [first = '', second = ''] = words;
    this.#nowNs += TICK_NS;
    if (first === 'wait') this.#nowNs += Number(second) * TICK_NS;
    else if (first === 'epoch') this.#turnTo(Number(second));
    else if (first.startsWith('=')) this.#answer(first.slice(1));
    else if (first.startsWith('@')) this.#ask(first.slice(1), Number(second), words.slice(2));
    else this.#happen(Number(first), words.slice(1), line);
  }

  #happen(client: number, words: string[], line: string): void {
    const [what = '', ...rest] = words;
    const atNs = this.#nowNs;
    if (!Number.isInteger(client)) throw new Error(`no client: ${line}`);
    switch (what) {
      case 'lost':
        this.happenings.push({ type: 'lost', atNs, client, session: this.#sessionOf(client) });
        return;
      case 'expired':
        this.happenings.push({ type: 'expired', atNs, client, session: this.#sessionOf(client) });
        this.#sessions.delete(client);
        return;
      case 'new':
        this.#sessions.delete(client);
        return;
      case 'note':
        this.happenings.push({ type: 'note', atNs, client, note: { kind: rest[0] } });
        return;
      case 'event': {
        const eventType = EVENTS[rest[0] ?? ''];
        if (eventType === undefined) throw new Error(`no event: ${line}`);
        const session = this.#sessionOf(client);
        const path = this.#path(rest[1]);
        this.happenings.push({ type: 'event', atNs, client, session, zxid: -1, eventType, path });
        return;
      }
      default: {
        const label = `line ${this.happenings.length}`;
        const isAnswered = words.at(-1) !== '?';
        this.#ask(label, client, isAnswered ? words : words.slice(0, -1));
        this.#nowNs += TICK_NS;
        if (isAnswered) this.#answer(label);
        if (what === 'close' && isAnswered) {
          this.happenings.push({ type: 'lost', atNs: this.#nowNs, client, session: this.#sessionOf(client) });
          this.#sessions.delete(client);
        }
      }
    }
  }

  #ask(label: string, client: number, words: string[]): void {
    const last = words.at(-1) ?? '';
    const err = /^!-?\d+$/.test(last) ? Number(last.slice(1)) : 0;
    const session = this.#sessionOf(client);
    const asked = this.#read(err === 0 ? words : words.slice(0, -1), session, err);
    const exchange: Exchange = {
      client,
      session,
      server: 'server:2181',
      xid: ++this.#xid,
      op: asked.op,
      opCode: asked.opCode,
      sentNs: this.#nowNs,
      reply: null,
    };
    this.happenings.push({ type: 'request', atNs: this.#nowNs, exchange });
    this.#waiting.set(label, { exchange, asked });
  }

  #answer(label: string): void {
    const waiting = this.#waiting.get(label);
    if (waiting === undefined) throw new Error(`nobody asked ${label}`);
    const { exchange, asked } = waiting;
    const zxid = this.#epoch * EPOCH_SPAN + ++this.#counter;
    exchange.reply = { receivedNs: this.#nowNs, err: asked.err, zxid, body: asked.body };
    this.happenings.push({ type: 'reply', atNs: this.#nowNs, exchange });
  }

  /** What the words ask for, and what they say was answered. */
  #read(words: readonly string[], session: bigint, err: number): Asked {
    const [what = '', ...rest] = words;
    const arrow = rest.indexOf('->');
    const [args, result] = arrow < 0 ? [rest, []] : [rest.slice(0, arrow), rest.slice(arrow + 1)];
    const path = this.#path(args[0]);
    const watch = what === 'getw' || what === 'listw';
    switch (what) {
      case 'create':
      case 'create:e':
      case 'create:s':
      case 'create:es': {
        const op = this.#single(words);
        const isEphemeral = what === 'create:e' || what === 'create:es';
        const number = result[0] === undefined ? '' : result[0].padStart(10, '0');
        if (isEphemeral) this.#owners.set(path + number, session);
        const body = bodyOf((writer) => writeCreate2Response(writer, { path: path + number, stat: BLANK }));
        return { op, opCode: OpCode.create2, body, err };
      }
      case 'delete':
        return { op: this.#single(words), opCode: OpCode.delete, body: bodyOf(() => {}), err };
      case 'set': {
        const stat = { ...BLANK, version: Number(result[0] ?? 0) };
        const body = bodyOf((writer) => writeSetDataResponse(writer, { stat }));
        return { op: this.#single(words), opCode: OpCode.setData, body, err };
      }
      case 'get':
      case 'getw': {
        const body = bodyOf((writer) => writeGetDataResponse(writer, this.#dataOf(path, result)));
        return { op: { f: 'getData', path, watch }, opCode: OpCode.getData, body, err };
      }
      case 'list':
      case 'listw': {
        const stat = { ...BLANK, numChildren: result.length };
        const body = bodyOf((writer) => writeGetChildren2Response(writer, { children: result, stat }));
        return { op: { f: 'getChildren', path, watch }, opCode: OpCode.getChildren2, body, err };
      }
      case 'read': {
        const paths = args.map((each) => this.#path(each));
        const parts = result.join(' ').split(' ; ');
        const results = parts.map((part, i): MultiResult => {
          if (part === '-') return { type: OpCode.error, response: { err: -101 } };
          return { type: OpCode.getData, response: this.#dataOf(paths[i] ?? '', part.split(' ')) };
        });
        const ops = paths.map((each) => ({ f: 'getData' as const, path: each, watch: false }));
        const body = bodyOf((writer) => writeMultiResponse(writer, results));
        return { op: { f: 'multiRead', ops }, opCode: OpCode.multiRead, body, err };
      }
      case 'multi':
      case 'multi!':
        return this.#multi(rest.join(' ').split(' ; '), what === 'multi!', err);
      case 'sync':
        return { op: { f: 'sync', path: this.#root }, opCode: OpCode.sync, body: bodyOf(() => {}), err };
      case 'close':
        return { op: { f: 'closeSession' }, opCode: OpCode.closeSession, body: bodyOf(() => {}), err };
      default:
        throw new Error(`nobody asks for ${words.join(' ')}`);
    }
  }

  #multi(parts: readonly string[], isRefused: boolean, err: number): Asked {
    const ops = parts.map((part) => this.#single(part.split(' ')));
    const results = parts.map((part, i): MultiResult => {
      if (isRefused) {
        const isCulprit = i === parts.length - 1;
        return { type: OpCode.error, response: { err: isCulprit ? -103 : RUNTIME_INCONSISTENCY } };
      }
      const words = part.split(' ');
      if (words[0] === 'check') return { type: OpCode.check };
      const version = Number(words[words.indexOf('->') + 1] ?? 0);
      return { type: OpCode.setData, response: { stat: { ...BLANK, version } } };
    });
    const body = bodyOf((writer) => writeMultiResponse(writer, results));
    return { op: { f: 'multi', ops }, opCode: OpCode.multi, body, err };
  }

  #single(words: readonly string[]): SingleWriteOp {
    const [what = '', name, ...rest] = words;
    const path = this.#path(name);
    const comparison = rest.indexOf('if');
    const version = comparison < 0 ? -1 : Number(rest[comparison + 1]);
    const arrow = rest.indexOf('->');
    const data = dataFrom(rest.slice(0, Math.min(...[comparison, arrow, rest.length].filter((i) => i >= 0))));
    switch (what) {
      case 'create':
        return { f: 'create2', path, data, flags: CreateMode.persistent };
      case 'create:e':
        return { f: 'create2', path, data, flags: CreateMode.ephemeral };
      case 'create:s':
        return { f: 'create2', path, data, flags: CreateMode.persistentSequential };
      case 'create:es':
        return { f: 'create2', path, data, flags: CreateMode.ephemeralSequential };
      case 'delete':
        return { f: 'delete', path, version };
      case 'check':
        return { f: 'check', path, version: Number(rest[0]) };
      case 'set':
        return { f: 'setData', path, data, version };
      default:
        throw new Error(`nobody writes by ${words.join(' ')}`);
    }
  }

  /** `90 t1 4` is `90 t1` in version 4. */
  #dataOf(path: string, words: readonly string[]): { readonly data: Uint8Array; readonly stat: Stat } {
    const data = dataFrom(words.slice(0, -1));
    const ephemeralOwner = (this.#owners.get(path) ?? 0n) as SessionId;
    return { data, stat: { ...BLANK, version: Number(words.at(-1)), ephemeralOwner } };
  }

  #turnTo(epoch: number): void {
    this.#epoch = epoch;
  }

  #path(name = '.'): string {
    return name === '.' ? this.#root : `${this.#root}/${name}`;
  }

  #sessionOf(client: number): bigint {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = ++this.#made;
      this.#sessions.set(client, session);
      const atNs = this.#nowNs;
      const server = 'server:2181';
      this.happenings.push({
        type: 'attached',
        atNs,
        client,
        session,
        server,
        timeoutMs: TIMEOUT_MS,
        asked: 0n,
      });
    }
    return session;
  }
}

/** The words, with single spaces between. */
function dataFrom(words: readonly string[]): Uint8Array {
  return Buffer.from(words.join(' '));
}

function bodyOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(64);
  write(writer);
  return writer.take();
}
