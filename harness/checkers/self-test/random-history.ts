import { Prng } from '../../../server/base/prng.ts';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import { newOp, NONE, type Op, OpKind, Outcome, Phase, ROOT_KEY, valueIdOf } from '../../history/op.ts';
import { TreeReplica, type Txn } from './tree-replica.ts';

const REPLICAS = 3;
const FIRST_ZXID = 7 * 2 ** 32 + 1;

/** A request on its way. */
interface Request {
  readonly op: Op;
  readonly parts: readonly Op[];
  isExecuted: boolean;
}

interface Session {
  process: number;
  xid: number;
  values: number;
  replica: number;
  lastZxid: number;
  readonly inFlight: Request[];
}

/**
 * A correct ensemble and its clients in a few lines, for testing the checkers: three trees of which two lag,
 * sessions with pipelines, lost connections, expired sessions, and requests that arrive after their client
 * has given up. Whatever comes out of it is a valid history.
 */
export class RandomHistory {
  readonly ops: Op[] = [];
  readonly #prng: Prng;
  readonly #keys: number;
  readonly #faultRate: number;
  readonly #sessions: Session[];
  readonly #replicas = Array.from({ length: REPLICAS }, () => new TreeReplica(FIRST_ZXID - 1));
  readonly #log: { zxid: number; txns: readonly Txn[] }[] = [];
  /** How much of the log each replica has. */
  readonly #applied: number[] = Array.from({ length: REPLICAS }, () => 0);
  /** Sent by a client that has lost its connection, and not lost on the way. */
  readonly #limbo: Request[] = [];
  readonly #sequentials: Op[] = [];
  #processes = 0;
  #nowNs = 0;
  #phase: Phase = Phase.prepare;

  constructor(options: {
    readonly seed: number;
    readonly ops: number;
    readonly keys: number;
    readonly sessions: number;
    /** Share of steps that lose a connection. */
    readonly faultRate: number;
  }) {
    this.#prng = new Prng(options.seed);
    this.#keys = options.keys;
    this.#faultRate = options.faultRate;
    this.#sessions = Array.from({ length: options.sessions }, () => this.#newSession());
    this.#prepare();
    this.#phase = Phase.measure;
    while (this.ops.length < options.ops) this.#step();
    this.#finish();
  }

  #newSession(): Session {
    const replica = this.#prng.below(REPLICAS);
    return { process: this.#processes++, xid: 0, values: 0, replica, lastZxid: 0, inFlight: [] };
  }

  /** Makes the root and half of the keys, one after another. */
  #prepare(): void {
    const session = this.#sessions[0];
    if (session === undefined) return;
    for (let key = ROOT_KEY; key < this.#keys / 2; key++) {
      this.#invoke(session, (op) => this.#write(session, op, OpKind.create, key));
      this.#execute(session);
      this.#complete(session);
    }
  }

  #step(): void {
    const session = this.#sessions[this.#prng.below(this.#sessions.length)];
    if (session === undefined) return;
    if (this.#prng.next() < this.#faultRate) {
      this.#loseConnection(session);
      return;
    }
    switch (this.#prng.below(5)) {
      case 0:
      case 1:
        if (session.inFlight.length < 4) this.#invoke(session, (op) => this.#randomRequest(session, op));
        return;
      case 2:
        this.#execute(session);
        return;
      case 3:
        this.#complete(session);
        return;
      case 4:
        this.#catchUp(this.#prng.below(REPLICAS), this.#prng.below(3));
        if (this.#prng.below(8) === 0) this.#executeLate();
        return;
    }
  }

  /** Everything in flight ends, and a fresh session reads all there is. */
  #finish(): void {
    for (const session of this.#sessions) {
      while (session.inFlight.length > 0) {
        this.#execute(session);
        this.#complete(session);
      }
    }
    while (this.#limbo.length > 0) this.#executeLate();
    this.#phase = Phase.final;
    for (let replica = 0; replica < REPLICAS; replica++) {
      this.#catchUp(replica, Infinity);
      const session = this.#newSession();
      session.replica = replica;
      const read = (fill: (op: Op) => Op[]): void => {
        this.#invoke(session, fill);
        this.#execute(session);
        this.#complete(session);
      };
      read((op) => this.#read(op, OpKind.sync, ROOT_KEY));
      for (let key = 0; key < this.#keys; key++) read((op) => this.#read(op, OpKind.getData, key));
      for (let key = ROOT_KEY; key < this.#keys; key++) read((op) => this.#read(op, OpKind.getChildren, key));
    }
  }

  #invoke(session: Session, fill: (op: Op) => Op[]): void {
    const op = newOp();
    op.process = session.process;
    op.xid = ++session.xid;
    op.phase = this.#phase;
    op.invokeNs = this.#tick();
    session.inFlight.push({ op, parts: fill(op), isExecuted: false });
  }

  #randomRequest(session: Session, op: Op): Op[] {
    const prng = this.#prng;
    const key = prng.below(this.#keys);
    const roll = prng.next();
    if (roll < 0.3) return this.#read(op, OpKind.getData, key);
    if (roll < 0.37) return this.#read(op, OpKind.exists, key);
    if (roll < 0.42) return this.#read(op, OpKind.getChildren, prng.below(3) === 0 ? ROOT_KEY : key);
    if (roll < 0.44) return this.#read(op, OpKind.sync, key);
    if (roll < 0.67) return this.#write(session, op, OpKind.setData, key);
    if (roll < 0.77) return this.#write(session, op, OpKind.create, key);
    if (roll < 0.85) return this.#write(session, op, OpKind.delete, key);
    if (roll < 0.92)
      return this.#write(session, op, OpKind.createSequential, prng.below(4) === 0 ? ROOT_KEY : key);
    if (roll < 0.96) return this.#aboutSequential(op);
    return this.#multi(session, op);
  }

  #read(op: Op, kind: OpKind, key: number): Op[] {
    op.kind = kind;
    op.key = key;
    return [op];
  }

  #write(session: Session, op: Op, kind: OpKind, key: number): Op[] {
    op.kind = kind;
    op.key = key;
    if (kind !== OpKind.delete) op.valueId = valueIdOf(session.process, ++session.values);
    const isConditional = (kind === OpKind.setData || kind === OpKind.delete) && this.#prng.below(3) === 0;
    if (isConditional) op.askedVersion = this.#prng.below(4);
    return [op];
  }

  /** Reads or deletes a sequential child made before. */
  #aboutSequential(op: Op): Op[] {
    const made = this.#sequentials[this.#prng.below(Math.max(1, this.#sequentials.length))];
    op.kind = this.#prng.below(2) === 0 || made === undefined ? OpKind.getData : OpKind.delete;
    op.key = made?.key ?? 0;
    op.sequence = made?.sequence ?? NONE;
    return [op];
  }

  #multi(session: Session, op: Op): Op[] {
    const kinds = [OpKind.setData, OpKind.check, OpKind.create, OpKind.delete, OpKind.setData];
    return Array.from({ length: 2 + this.#prng.below(3) }, () => {
      const part = { ...op };
      const kind = kinds[this.#prng.below(kinds.length)] ?? OpKind.setData;
      this.#write(session, part, kind, this.#prng.below(this.#keys));
      if (kind === OpKind.check) {
        part.valueId = NONE;
        part.askedVersion = this.#prng.below(3);
      }
      part.inMulti = 1;
      return part;
    });
  }

  /** The oldest request that hasn't been is done, at the session's server or, a write, at the leader. */
  #execute(session: Session): void {
    const request = session.inFlight.find((each) => !each.isExecuted);
    if (request === undefined) return;
    const [first] = request.parts;
    request.isExecuted = true;
    if (first?.kind === OpKind.sync) this.#catchUp(session.replica, Infinity);
    if (first !== undefined && !isReadKind(first.kind)) {
      this.#executeWrite(request);
      this.#catchUp(session.replica, Infinity);
    } else if (first !== undefined) {
      this.#executeRead(first, this.#replicas[session.replica]);
    }
    session.lastZxid = request.parts[0]?.zxid ?? session.lastZxid;
  }

  #executeWrite({ parts }: Request): void {
    // The leader is a tree that has everything; the log is applied to a copy only as far as a part needs.
    this.#catchUp(0, Infinity);
    const leader = this.#replicas[0];
    if (leader === undefined) return;
    const zxid = FIRST_ZXID + this.#log.length;
    const undo = structuredClone(leader.nodes);
    const txns: Txn[] = [];
    let failed: Op | null = null;
    for (const part of parts) {
      if (part.kind === OpKind.createSequential) {
        part.sequence = leader.nodes.get(nameOf(part.key, NONE))?.childCreates ?? 0;
      }
      const txn = txnOf(part);
      part.error = leader.errorOf(txn, part.askedVersion);
      if (part.error !== ErrorCode.ok) {
        failed = part;
        break;
      }
      if (part.kind === OpKind.check) continue;
      leader.apply([txn], zxid);
      txns.push(txn);
      const node = leader.nodes.get(txn.node);
      if (part.kind !== OpKind.setData || node === undefined) continue;
      part.version = node.version;
      part.czxid = node.czxid;
      part.mzxid = node.mzxid;
    }
    for (const part of parts) {
      part.zxid = zxid;
      part.outcome = failed === null ? Outcome.ok : Outcome.fail;
      if (failed === null) continue;
      if (part !== failed) part.error = ErrorCode.runtimeInconsistency;
      if (part.kind === OpKind.createSequential) part.sequence = NONE;
      part.version = part.czxid = part.mzxid = NONE;
    }
    if (failed !== null) {
      leader.nodes.clear();
      for (const [name, node] of undo) leader.nodes.set(name, node);
    }
    leader.appliedZxid = zxid;
    this.#log.push({ zxid, txns: failed === null ? txns : [] });
    this.#applied[0] = this.#log.length;
    if (failed === null)
      this.#sequentials.push(...parts.filter(({ kind }) => kind === OpKind.createSequential));
  }

  #executeRead(op: Op, replica: TreeReplica | undefined): void {
    if (replica === undefined) return;
    op.zxid = replica.appliedZxid;
    if (op.kind === OpKind.sync) return;
    const node = replica.nodes.get(nameOf(op.key, op.sequence));
    if (node === undefined) {
      op.outcome = Outcome.fail;
      op.error = ErrorCode.noNode;
      return;
    }
    op.version = node.version;
    op.czxid = node.czxid;
    op.mzxid = node.mzxid;
    if (op.kind === OpKind.getData) op.valueId = node.valueId;
    if (op.kind !== OpKind.getChildren) return;
    op.numChildren = node.children;
    op.cversion = 2 * node.childCreates - node.children;
    op.pzxid = node.pzxid;
  }

  #complete(session: Session): void {
    if (session.inFlight[0]?.isExecuted !== true) return;
    this.#record(session.inFlight.shift());
  }

  #record(request: Request | undefined): void {
    const completeNs = this.#tick();
    for (const part of request?.parts ?? []) {
      part.completeNs = completeNs;
      this.ops.push(part);
    }
  }

  #loseConnection(session: Session): void {
    for (const request of session.inFlight.splice(0)) {
      const isRead = request.parts.every(({ kind }) => isReadKind(kind));
      const sent = { ...request, parts: request.parts.map((part) => ({ ...part })) };
      if (!isRead && !request.isExecuted && this.#prng.below(2) === 0) this.#limbo.push(sent);
      for (const part of request.parts) forget(part, isRead);
      this.#record(request);
    }
    if (this.#prng.below(4) === 0) {
      Object.assign(session, this.#newSession(), { inFlight: session.inFlight });
      return;
    }
    session.replica = this.#prng.below(REPLICAS);
    const known = this.#log.findIndex(({ zxid }) => zxid > session.lastZxid);
    const behind = (known === -1 ? this.#log.length : known) - (this.#applied[session.replica] ?? 0);
    this.#catchUp(session.replica, Math.max(0, behind));
  }

  /** One of the requests whose client has given up arrives, or is lost for good. */
  #executeLate(): void {
    const [request] = this.#limbo.splice(this.#prng.below(Math.max(1, this.#limbo.length)), 1);
    if (request !== undefined && this.#prng.below(3) > 0) this.#executeWrite(request);
  }

  #catchUp(replica: number, count: number): void {
    const from = this.#applied[replica] ?? 0;
    const to = Math.min(this.#log.length, from + count);
    for (const { zxid, txns } of this.#log.slice(from, to)) this.#replicas[replica]?.apply(txns, zxid);
    this.#applied[replica] = to;
  }

  /** No two events at one time, so that an order in time is never a matter of taste. */
  #tick(): number {
    this.#nowNs += 1 + this.#prng.below(1000);
    return this.#nowNs;
  }
}

/** What the client knows of an operation when its connection is lost. */
function forget(part: Op, isRead: boolean): void {
  part.outcome = isRead ? Outcome.fail : Outcome.info;
  part.error = ErrorCode.connectionLoss;
  part.zxid = part.version = part.czxid = part.mzxid = NONE;
  part.cversion = part.numChildren = part.pzxid = NONE;
  if (isRead) part.valueId = NONE;
  if (part.kind === OpKind.createSequential) part.sequence = NONE;
}

function isReadKind(kind: number): boolean {
  return (
    kind === OpKind.getData || kind === OpKind.exists || kind === OpKind.getChildren || kind === OpKind.sync
  );
}

function txnOf(op: Op): Txn {
  const node = nameOf(op.key, op.sequence);
  const type = op.kind === OpKind.delete ? 'delete' : isCreateKind(op.kind) ? 'create' : 'set';
  return { type, node, valueId: op.valueId };
}

function isCreateKind(kind: number): boolean {
  return kind === OpKind.create || kind === OpKind.createSequential;
}

function nameOf(key: number, sequence: number): string {
  const parent = key === ROOT_KEY ? '' : String(key);
  return sequence === NONE ? parent : key === ROOT_KEY ? `r${sequence}` : `${parent}/${sequence}`;
}
