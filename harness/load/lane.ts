import { assert, unreachable } from '../../server/base/assert.ts';
import type { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { WireError } from '../../server/wire/wire-error.ts';
import { REPLY_HEADER_BYTES } from '../client/connection.ts';
import { outcomeOfError } from '../client/keeper-errors.ts';
import type { OutputBuffer } from '../client/output-buffer.ts';
import { NONE, OpKind, Outcome, clearOp, isWrite, newOp, valueIdOf } from '../history/op.ts';
import type { Op, Phase } from '../history/op.ts';
import type { LoadClock } from './load-clock.ts';
import type { NextOp, OpSource } from './load-op.ts';
import type { LoadStats } from './load-stats.ts';
import type { RequestEncoder, ValueIdentity } from './request-encoder.ts';

/** What a lane needs of a connection; `Connection` is one. */
export interface LaneTransport {
  readonly output: OutputBuffer;
  nextXid(): number;
  flush(): void;
}

/** Where every operation goes when it has ended; the history's writer is one. `op` is filled anew afterwards. */
export interface OpRecorder {
  record(op: Op): void;
}

/** What the lanes of a generator have in common. The engine changes `source` of each lane and `phase` here. */
export interface LaneContext {
  readonly clock: LoadClock;
  readonly encoder: RequestEncoder;
  readonly recorder: OpRecorder;
  readonly stats: LoadStats;
  phase: Phase;
}

const STAT_BYTES = 68;
const TWO_32 = 2 ** 32;
const CONNECTION_LOSS = -4;

/**
 * The operations of one session, from being drawn to being recorded, with as many in flight as there is room.
 *
 * What is in flight stands in a ring of typed arrays, in the order it was sent, which is the order of the answers;
 * nothing is allocated for an operation. The lane knows no socket and no timer: it writes to a transport, is told
 * of replies, and reads an injected clock, so that a test can run it on virtual time.
 */
export class Lane {
  source: OpSource;
  /** How many may be in flight; never above `inFlightMax`. */
  limit: number;
  readonly #context: LaneContext;
  readonly #mask: number;
  readonly #kinds: Uint8Array;
  readonly #keys: Int32Array;
  readonly #xids: Int32Array;
  readonly #valueIds: Float64Array;
  readonly #intendedNs: Float64Array;
  readonly #invokeNs: Float64Array;
  /** Counts of operations answered, stamped with their start, and drawn; they wrap as 32-bit integers. */
  #head = 0;
  #stamped = 0;
  #tail = 0;

  #transport: LaneTransport | null = null;
  #process = 0;
  #valueSequence = 0;
  /** When the chunk that is being decoded came; NaN between chunks. */
  #turnNs = Number.NaN;

  readonly #next: NextOp = { kind: OpKind.sync, key: 0, valueBytes: 0 };
  readonly #value: ValueIdentity = { process: 0, sequence: 0, bytes: 0 };
  readonly #op: Op = newOp();

  /** `inFlightMax`: the most this lane ever has in flight. */
  constructor(context: LaneContext, options: { readonly inFlightMax: number; readonly source: OpSource }) {
    let slots = 2;
    while (slots < options.inFlightMax) slots *= 2;
    this.#context = context;
    this.source = options.source;
    this.limit = options.inFlightMax;
    this.#mask = slots - 1;
    this.#kinds = new Uint8Array(slots);
    this.#keys = new Int32Array(slots);
    this.#xids = new Int32Array(slots);
    this.#valueIds = new Float64Array(slots);
    this.#intendedNs = new Float64Array(slots);
    this.#invokeNs = new Float64Array(slots);
  }

  get inFlight(): number {
    return (this.#tail - this.#head) | 0;
  }

  get hasRoom(): boolean {
    return this.#transport !== null && this.inFlight < this.limit;
  }

  get isAttached(): boolean {
    return this.#transport !== null;
  }

  /** Requests may be sent on `transport` from now on. `process` is the session's number in the history. */
  attach(transport: LaneTransport, process: number): void {
    assert(this.#transport === null && this.inFlight === 0, 'a lane is attached to one connection at a time');
    if (process !== this.#process) this.#valueSequence = 0;
    this.#transport = transport;
    this.#process = process;
  }

  /**
   * The connection is gone. Whatever had no answer ends here: a read failed, and of a write nobody knows. That
   * includes what was drawn and not yet given to the socket.
   */
  detach(error: number = CONNECTION_LOSS): void {
    this.#transport = null;
    this.#stamp();
    const nowNs = this.#context.clock.nowNs();
    while (this.inFlight > 0) this.#complete(error, nowNs, NONE);
    this.#turnNs = Number.NaN;
  }

  /**
   * Draws an operation and writes its request; it leaves with the next `flush`.
   * @param intendedNs when an open loop meant it to start; NONE in a closed loop.
   * @returns false if the source has nothing more.
   */
  issue(intendedNs: number): boolean {
    const transport = this.#transport;
    assert(transport !== null && this.inFlight < this.limit, 'an operation was issued without room for it');
    const next = this.#next;
    if (!this.source.take(next)) return false;
    const xid = transport.nextXid();
    const slot = this.#tail & this.#mask;
    this.#kinds[slot] = next.kind;
    this.#keys[slot] = next.key;
    this.#xids[slot] = xid;
    this.#intendedNs[slot] = intendedNs;
    this.#valueIds[slot] = NONE;
    this.#encode(transport.output, xid, slot);
    this.#tail = (this.#tail + 1) | 0;
    return true;
  }

  /** Sends what was issued. Its start is now, before the socket gets it: an interval is never too short. */
  flush(): void {
    if (this.#stamped === this.#tail) return;
    this.#stamp();
    this.#transport?.flush();
  }

  reply(err: number, zxid: number, frames: FrameDecoder): void {
    assert(this.inFlight > 0, 'a reply to nothing');
    // One look at the clock for all that came in one chunk: later than each of them was sent by the server.
    if (Number.isNaN(this.#turnNs)) this.#turnNs = this.#context.clock.nowNs();
    if (err !== 0) {
      this.#complete(err, this.#turnNs, zxid);
      return;
    }
    const slot = this.#head & this.#mask;
    const kind = this.#kinds[slot] as OpKind;
    const op = this.#begin(slot, kind, this.#turnNs);
    op.outcome = Outcome.ok;
    op.error = 0;
    op.zxid = zxid;
    readResult(op, kind, frames);
    this.#head = (this.#head + 1) | 0;
    this.#context.recorder.record(op);
    this.#context.stats.succeeded(kind, op.intendedNs, op.invokeNs, op.completeNs);
  }

  /** The chunk is decoded; the next one has a time of its own. */
  endTurn(): void {
    this.#turnNs = Number.NaN;
  }

  #encode(out: OutputBuffer, xid: number, slot: number): void {
    const { kind, key } = this.#next;
    const { encoder } = this.#context;
    switch (kind) {
      case OpKind.getData:
        encoder.getData(out, xid, key);
        return;
      case OpKind.setData:
        encoder.setData(out, xid, key, this.#newValue(slot));
        return;
      case OpKind.create:
        encoder.create(out, xid, key, this.#newValue(slot));
        return;
      case OpKind.delete:
        encoder.delete(out, xid, key);
        return;
      case OpKind.exists:
        encoder.exists(out, xid, key);
        return;
      case OpKind.getChildren:
        encoder.getRootChildren(out, xid);
        return;
      case OpKind.sync:
        encoder.syncRoot(out, xid);
        return;
      case OpKind.createSequential:
      case OpKind.check:
        unreachable('a load has no such operation');
    }
  }

  #newValue(slot: number): ValueIdentity {
    const value = this.#value;
    value.process = this.#process;
    value.sequence = this.#valueSequence++;
    value.bytes = this.#next.valueBytes;
    this.#valueIds[slot] = valueIdOf(value.process, value.sequence);
    return value;
  }

  #stamp(): void {
    if (this.#stamped === this.#tail) return;
    const nowNs = this.#context.clock.nowNs();
    while (this.#stamped !== this.#tail) {
      this.#invokeNs[this.#stamped & this.#mask] = nowNs;
      this.#stamped = (this.#stamped + 1) | 0;
    }
  }

  /** The oldest operation ends without success. */
  #complete(err: number, nowNs: number, zxid: number): void {
    const slot = this.#head & this.#mask;
    const kind = this.#kinds[slot] as OpKind;
    const op = this.#begin(slot, kind, nowNs);
    op.outcome = outcomeOfError(err, { reads: !isWrite(kind) }) === 'fail' ? Outcome.fail : Outcome.info;
    op.error = err;
    op.zxid = zxid;
    const { key, outcome, intendedNs, invokeNs } = op;
    this.#head = (this.#head + 1) | 0;
    this.#context.recorder.record(op);
    this.#context.stats.failed(kind, err, { isUnknown: outcome === Outcome.info, intendedNs, invokeNs });
    this.source.missed(kind, key, err);
  }

  /** What is known of an operation whatever its answer. */
  #begin(slot: number, kind: OpKind, completeNs: number): Op {
    const op = this.#op;
    clearOp(op);
    op.process = this.#process;
    op.xid = this.#xids[slot] as number;
    op.kind = kind;
    op.phase = this.#context.phase;
    op.key = this.#keys[slot] as number;
    op.intendedNs = this.#intendedNs[slot] as number;
    op.invokeNs = this.#invokeNs[slot] as number;
    op.completeNs = completeNs;
    op.valueId = this.#valueIds[slot] as number;
    return op;
  }
}

/** From the body of a successful reply: whatever the record, its Stat is the last 68 bytes (protocol §1.5). */
function readResult(op: Op, kind: OpKind, frames: FrameDecoder): void {
  if (kind === OpKind.delete || kind === OpKind.sync) return;
  const { view, start, end } = frames;
  const body = start + REPLY_HEADER_BYTES;
  const stat = end - STAT_BYTES;
  if (stat < body) throw new WireError('truncated', `a reply of ${end - start} bytes has no Stat`);

  op.czxid = longAt(view, stat);
  op.mzxid = longAt(view, stat + 8);
  op.version = view.getInt32(stat + 32);
  if (kind === OpKind.getData) {
    // No data (−1), or too little to be a value of ours, is seen as no value.
    if (view.getInt32(body) >= 8 && body + 12 <= stat) {
      op.valueId = view.getUint32(body + 4) * TWO_32 + view.getUint32(body + 8);
    }
  } else if (kind === OpKind.getChildren) {
    op.cversion = view.getInt32(stat + 36);
    op.numChildren = view.getInt32(body);
    op.pzxid = longAt(view, stat + 60);
  }
}

function longAt(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
}
