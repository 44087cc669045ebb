import { isWrite, NONE, type Op, Outcome } from './op.ts';

/**
 * How an operation stands in a history file: sixteen bits that say what it is and which fields follow, then
 * the fields as varints, most of them as the difference to what the state below predicts.
 *
 * ```text
 * bits 0–3 kind · 4–5 outcome · 6–7 phase · 8 inMulti
 * 9 intendedNs · 10 sequence · 11 zxid · 12 valueId · 13 askedVersion · 14 Stat · 15 children
 * ```
 *
 * Writer and reader keep the same state and change it alike after each operation, so a file can only be read
 * from its beginning. That is all it is ever asked.
 */
export const HEAD = {
  outcomeShift: 4,
  phaseShift: 6,
  inMulti: 1 << 8,
  intended: 1 << 9,
  sequence: 1 << 10,
  zxid: 1 << 11,
  value: 1 << 12,
  asked: 1 << 13,
  stat: 1 << 14,
  children: 1 << 15,
} as const;

/** Two bytes of head and nineteen fields of at most eight bytes each. */
export const OP_BYTES_MAX: number = 2 + 19 * 8;

/** Keys of which it is remembered what was last seen; more of them share slots, which costs only bytes. */
const KEY_SLOTS = 1 << 16;

export class CodecState {
  lastCompleteNs = 0;
  lastZxid = 0;
  /** By process: the last xid, and the last value it wrote. */
  lastXid: Float64Array = new Float64Array(64);
  lastValueId: Float64Array = new Float64Array(64);
  /** By slot: what was last seen of the key. */
  readonly czxidOfKey: Float64Array = new Float64Array(KEY_SLOTS);
  readonly mzxidOfKey: Float64Array = new Float64Array(KEY_SLOTS);
  readonly valueIdOfKey: Float64Array = new Float64Array(KEY_SLOTS);

  growTo(process: number): void {
    let size = this.lastXid.length;
    while (size <= process) size *= 2;
    this.lastXid = grown(this.lastXid, size);
    this.lastValueId = grown(this.lastValueId, size);
  }
}

function grown(values: Float64Array, size: number): Float64Array {
  const more = new Float64Array(size);
  more.set(values);
  return more;
}

export function keySlot(key: number): number {
  return key & (KEY_SLOTS - 1);
}

/** Writes `op` at `at`, where OP_BYTES_MAX bytes must be free, and returns where it ends. */
export function writeOp(bytes: Uint8Array, at: number, op: Op, state: CodecState): number {
  const { process, key, completeNs, zxid } = op;
  if (process >= state.lastXid.length) state.growTo(process);

  const head = headOf(op);
  bytes[at++] = head;
  bytes[at++] = head >>> 8;
  at = putUnsigned(bytes, at, process);
  at = putSigned(bytes, at, op.xid - (state.lastXid[process] ?? 0));
  state.lastXid[process] = op.xid;
  at = putSigned(bytes, at, key);
  at = putSigned(bytes, at, completeNs - state.lastCompleteNs);
  state.lastCompleteNs = completeNs;
  at = putSigned(bytes, at, completeNs - op.invokeNs);

  if (op.outcome !== Outcome.ok) at = putSigned(bytes, at, op.error);
  if ((head & HEAD.intended) !== 0) at = putSigned(bytes, at, op.invokeNs - op.intendedNs);
  if ((head & HEAD.sequence) !== 0) at = putSigned(bytes, at, op.sequence);
  if ((head & HEAD.zxid) !== 0) {
    at = putSigned(bytes, at, zxid - state.lastZxid);
    state.lastZxid = zxid;
  }
  if ((head & HEAD.value) !== 0) at = putValue(bytes, at, op, state);
  if ((head & HEAD.asked) !== 0) at = putSigned(bytes, at, op.askedVersion);
  if ((head & HEAD.stat) !== 0) at = putStat(bytes, at, op, state);
  if ((head & HEAD.children) !== 0) {
    at = putSigned(bytes, at, op.cversion);
    at = putSigned(bytes, at, op.numChildren);
    at = putSigned(bytes, at, op.pzxid);
  }
  return at;
}

function headOf(op: Op): number {
  let head = op.kind | (op.outcome << HEAD.outcomeShift) | (op.phase << HEAD.phaseShift);
  if (op.inMulti !== 0) head |= HEAD.inMulti;
  if (op.intendedNs !== NONE) head |= HEAD.intended;
  if (op.sequence !== NONE) head |= HEAD.sequence;
  if (op.zxid !== NONE) head |= HEAD.zxid;
  if (op.valueId !== NONE) head |= HEAD.value;
  if (op.askedVersion !== NONE) head |= HEAD.asked;
  if (op.version !== NONE || op.mzxid !== NONE || op.czxid !== NONE) head |= HEAD.stat;
  if (op.numChildren !== NONE || op.cversion !== NONE || op.pzxid !== NONE) head |= HEAD.children;
  return head;
}

/** A process numbers the values it writes, and a read mostly shows what its key was last seen with. */
function putValue(bytes: Uint8Array, at: number, op: Op, state: CodecState): number {
  const { process, valueId } = op;
  const slot = keySlot(op.key);
  const isNew = isWrite(op.kind);
  const expected = isNew ? (state.lastValueId[process] ?? 0) + 1 : (state.valueIdOfKey[slot] ?? 0);
  if (isNew) state.lastValueId[process] = valueId;
  state.valueIdOfKey[slot] = valueId;
  return putSigned(bytes, at, valueId - expected);
}

function putStat(bytes: Uint8Array, at: number, op: Op, state: CodecState): number {
  const slot = keySlot(op.key);
  const mzxid = isWrite(op.kind) ? state.lastZxid : (state.mzxidOfKey[slot] ?? 0);
  at = putSigned(bytes, at, op.version);
  at = putSigned(bytes, at, op.mzxid - mzxid);
  at = putSigned(bytes, at, op.czxid - (state.czxidOfKey[slot] ?? 0));
  state.mzxidOfKey[slot] = op.mzxid;
  state.czxidOfKey[slot] = op.czxid;
  return at;
}

/** Zigzag. Exact for any difference of two zxids a ZooKeeper can reach (below 2^52). */
function putSigned(bytes: Uint8Array, at: number, value: number): number {
  return putUnsigned(bytes, at, value >= 0 ? value * 2 : -value * 2 - 1);
}

function putUnsigned(bytes: Uint8Array, at: number, value: number): number {
  // Above 31 bits `>>>` would lose some, and division is only needed there.
  while (value > 0x7fffffff) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value = Math.floor(value / 128);
  }
  let small = value | 0;
  while (small > 0x7f) {
    bytes[at++] = (small & 0x7f) | 0x80;
    small >>>= 7;
  }
  bytes[at++] = small;
  return at;
}
