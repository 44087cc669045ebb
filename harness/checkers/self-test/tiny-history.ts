import { ErrorCode } from '../../../server/wire/error-code.ts';
import { historyOf } from '../../history/history-of.ts';
import type { History } from '../../history/history.ts';
import { newOp, NONE, type Op, OpKind, Outcome, Phase, ROOT_KEY } from '../../history/op.ts';

/** An operation with only what matters said. */
export type TinyOp = Partial<Op>;

/**
 * A history from a few operations: each begins when the one before it is done, and gets the next xid of its
 * process, unless it says otherwise. An operation that gives `invokeNs` and `completeNs` overlaps others.
 */
export function tinyHistory(ops: readonly TinyOp[]): History {
  const xids = new Map<number, number>();
  let nowNs = 1000;
  return historyOf(
    ops.map((given) => {
      const process = given.process ?? 0;
      const xid = given.xid ?? (xids.get(process) ?? 0) + 1;
      xids.set(process, xid);
      const times = { invokeNs: nowNs + 1, completeNs: nowNs + 2 };
      nowNs = Math.max(nowNs + 2, given.completeNs ?? 0);
      return { ...newOp(), ...times, ...given, process, xid };
    }),
  );
}

export function create(process: number, key: number, zxid: number, valueId: number, more?: TinyOp): TinyOp {
  return { process, kind: OpKind.create, key, zxid, valueId, ...more };
}

/** A createSequential below `key` that was given number `sequence`. */
export function createSequential(process: number, key: number, zxid: number, sequence: number): TinyOp {
  return { process, kind: OpKind.createSequential, key, zxid, sequence, valueId: 1_000_000 + zxid };
}

/** `version` is the one the reply shows, after the write. */
export function setData(
  process: number,
  key: number,
  zxid: number,
  written: { readonly valueId: number; readonly version: number },
  more?: TinyOp,
): TinyOp {
  return { process, kind: OpKind.setData, key, zxid, mzxid: zxid, ...written, ...more };
}

export function del(process: number, key: number, zxid: number, more?: TinyOp): TinyOp {
  return { process, kind: OpKind.delete, key, zxid, ...more };
}

export function getData(
  process: number,
  key: number,
  zxid: number,
  seen: {
    readonly valueId: number;
    readonly version: number;
    readonly mzxid: number;
    readonly czxid?: number;
  },
): TinyOp {
  return { process, kind: OpKind.getData, key, zxid, ...seen };
}

export function exists(
  process: number,
  key: number,
  zxid: number,
  seen: { readonly version: number; readonly mzxid: number; readonly czxid?: number },
): TinyOp {
  return { process, kind: OpKind.exists, key, zxid, ...seen };
}

export function getChildren(process: number, key: number, zxid: number, seen: TinyOp): TinyOp {
  return { process, kind: OpKind.getChildren, key, zxid, ...seen };
}

/** The reply was an error that says the operation had no effect. */
export function failed(op: TinyOp, error: ErrorCode): TinyOp {
  return { ...op, outcome: Outcome.fail, error, valueId: op.valueId ?? NONE, version: NONE, mzxid: NONE };
}

export function missing(process: number, key: number, zxid: number): TinyOp {
  return failed({ process, kind: OpKind.getData, key, zxid }, ErrorCode.noNode);
}

/** No reply came. */
export function unknown(op: TinyOp): TinyOp {
  const nothing = { zxid: NONE, version: NONE, mzxid: NONE, czxid: NONE };
  return { ...op, ...nothing, outcome: Outcome.info, error: ErrorCode.connectionLoss };
}

export function parts(...ops: readonly TinyOp[]): TinyOp[] {
  return ops.map((op) => ({ ...op, inMulti: 1 as const }));
}

export function final(op: TinyOp): TinyOp {
  return { ...op, phase: Phase.final };
}

export const ROOT: number = ROOT_KEY;
