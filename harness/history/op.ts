/**
 * One operation as the client saw it: what was asked, what came back, and when.
 *
 * It is mutable, and one instance is meant to be filled again and again (`clearOp`, set fields, `record`):
 * at full load no object is made per operation. A field without a meaning for the operation stays `NONE`.
 *
 * What a checker may rely on, and so what a client owes:
 * - `process` is one session. A client whose session expired goes on under a new number. Numbers are unique
 *   over all generator processes of a run.
 * - Times are nanoseconds (below 2^51, which is 26 days) since the run's start on CLOCK_MONOTONIC (`process.hrtime`), which all generator
 *   processes of a machine share. `invokeNs` is taken before the request is handed to the socket, and
 *   `completeNs` after the reply was read: an interval must never be shorter than the truth.
 * - An operation of which it isn't certain that it had no effect is `info`, never `fail`. A read is never `info`.
 * - Sent again after an indeterminate outcome means two operations with two xids. The value id of the second
 *   may be the first's only if the client never gave the first to a socket.
 * - Every node under the root that the run touches is made within the history (phase `prepare`), so that the
 *   model starts empty.
 */
export interface Op {
  /** The session, 0 … 2^20 − 1. */
  process: number;
  /** The request's number within its session, rising in the order the requests were sent; reconnects go on. */
  xid: number;
  kind: OpKind;
  outcome: Outcome;
  phase: Phase;
  /**
   * 1 for a part of a multi. A multi is recorded as its parts in order, all with the same process, xid, zxid
   * and times; if it failed, all parts are `fail` and the one that made it fail has the error.
   */
  inMulti: 0 | 1;
  /** `<root>/k<key>`; `ROOT_KEY` is the root itself. For `createSequential` it is the parent. */
  key: number;
  /** The number of a sequential child of `key`: obtained (createSequential) or addressed (all other kinds). */
  sequence: number;
  /** When an open loop meant to send it; NONE in a closed loop. */
  intendedNs: number;
  invokeNs: number;
  /** For `info`: when the client gave up waiting. */
  completeNs: number;
  /** ZooKeeper's error code, 0 for `ok`. */
  error: number;
  /** The reply header's zxid; NONE if there was no reply. */
  zxid: number;
  /** The value written or seen, `valueIdOf`; NONE if there is no data or the data is not a value of ours. */
  valueId: number;
  /** The version a setData, delete or check was conditional on; NONE (−1, as on the wire) for any. */
  askedVersion: number;
  /** From the reply's Stat: `version`, `czxid`, `mzxid`; NONE if the reply has no Stat. */
  version: number;
  czxid: number;
  mzxid: number;
  /** getChildren only: the parent's `cversion` and `pzxid` from its Stat, and how many children were listed. */
  cversion: number;
  numChildren: number;
  pzxid: number;
}

export const NONE = -1;
export const ROOT_KEY = -1;

/** At most 15: it has four bits in the file. */
export const OpKind = {
  create: 1,
  createSequential: 2,
  delete: 3,
  exists: 4,
  getData: 5,
  setData: 6,
  getChildren: 7,
  sync: 8,
  /** Part of a multi only. */
  check: 9,
} as const;
export type OpKind = (typeof OpKind)[keyof typeof OpKind];

export const Outcome = {
  /** Acknowledged. */
  ok: 0,
  /** Certainly without effect. */
  fail: 1,
  /** May have taken effect, or may still. */
  info: 2,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export const Phase = {
  /** The tree is being filled. Not measured. */
  prepare: 0,
  warmup: 1,
  measure: 2,
  /** Reads after the load, faults healed and servers restarted, each session having done a `sync` first. */
  final: 3,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

const OP_KIND_NAMES = new Map<number, string>(Object.entries(OpKind).map(([name, kind]) => [kind, name]));
const OUTCOME_NAMES = new Map<number, string>(Object.entries(Outcome).map(([name, code]) => [code, name]));

export function opKindName(kind: number): string {
  return OP_KIND_NAMES.get(kind) ?? `kind ${kind}`;
}

export function outcomeName(outcome: number): string {
  return OUTCOME_NAMES.get(outcome) ?? `outcome ${outcome}`;
}

/** Whether the operation changes the tree when it succeeds. */
export function isWrite(kind: number): boolean {
  return (
    kind === OpKind.create ||
    kind === OpKind.createSequential ||
    kind === OpKind.delete ||
    kind === OpKind.setData
  );
}

const SEQUENCE_SPAN = 2 ** 32;

/** A written value's identity: its first eight bytes, who wrote it and its number among the writer's values. */
export function valueIdOf(process: number, sequence: number): number {
  return process * SEQUENCE_SPAN + sequence;
}

export function newOp(): Op {
  const op = {} as Op;
  clearOp(op);
  return op;
}

/** Sets every field to what it is when it has no meaning. */
export function clearOp(op: Op): void {
  op.process = 0;
  op.xid = 0;
  op.kind = OpKind.sync;
  op.outcome = Outcome.ok;
  op.phase = Phase.measure;
  op.inMulti = 0;
  op.key = ROOT_KEY;
  op.sequence = NONE;
  op.intendedNs = NONE;
  op.invokeNs = NONE;
  op.completeNs = NONE;
  op.error = 0;
  op.zxid = NONE;
  op.valueId = NONE;
  op.askedVersion = NONE;
  op.version = NONE;
  op.czxid = NONE;
  op.mzxid = NONE;
  op.cversion = NONE;
  op.numChildren = NONE;
  op.pzxid = NONE;
}
