import type { History } from '../history/history.ts';
import { isWrite, NONE, Outcome } from '../history/op.ts';
import { type AnomalyLog, showZxid } from './anomaly-log.ts';

/**
 * What one session was told, in the order it was told (reliability: C1, C2).
 *
 * - The zxid of its replies never decreases, whichever server it is connected to.
 * - Replies come in the order of the requests.
 * - Each of its writes has a higher zxid than everything it was told before.
 *
 * The rows of a process stand in the order of completion, so one look at each row is enough.
 */
export function checkSessionOrder(history: History, log: AnomalyLog): void {
  let processMax = 0;
  for (const process of history.process) if (process > processMax) processMax = process;
  /** Row of the last reply of each process. */
  const lastReply = new Int32Array(processMax + 1).fill(NONE);

  for (let row = 0; row < history.size; row++) {
    checkRecord(history, row, log);
    const zxid = history.zxid[row] ?? NONE;
    if (zxid <= 0 || history.outcome[row] === Outcome.info) continue;
    const process = history.process[row] ?? 0;
    const last = lastReply[process] ?? NONE;
    lastReply[process] = row;
    if (last !== NONE) checkPair(history, last, row, log);
  }
}

function checkPair(history: History, last: number, row: number, log: AnomalyLog): void {
  const zxid = history.zxid[row] ?? 0;
  const lastZxid = history.zxid[last] ?? 0;
  const xid = history.xid[row] ?? 0;
  const lastXid = history.xid[last] ?? 0;
  const isSameMulti = xid === lastXid && history.inMulti[row] === 1 && history.inMulti[last] === 1;

  if (zxid < lastZxid) {
    log.invalid('session went back in time', [last, row], (refer) => {
      const after = `and after that of ${showZxid(zxid)}${refer(row)}`;
      return `client ${history.process[row]} was told of ${showZxid(lastZxid)}${refer(last)}, ${after}`;
    });
  } else if (isSameMulti && zxid !== lastZxid) {
    log.invalid('torn multi', [last, row], (refer) => {
      const zxids = `${showZxid(lastZxid)}${refer(last)} and ${showZxid(zxid)}${refer(row)}`;
      return `two parts of one multi have the zxids ${zxids}`;
    });
  } else if (zxid === lastZxid && !isSameMulti && isAcknowledgedWrite(history, row)) {
    log.invalid('write without a zxid of its own', [last, row], (refer) => {
      const told = `client ${history.process[row]} had been told of ${showZxid(zxid)}${refer(last)}`;
      return `${told} before a write of its own was given that zxid${refer(row)}`;
    });
  }
  if (xid < lastXid || (xid === lastXid && !isSameMulti)) {
    log.invalid('replies out of order', [last, row], (refer) => {
      const whose = `client ${history.process[row]}`;
      return `${whose} was answered its request ${lastXid}${refer(last)}, and after that request ${xid}${refer(row)}`;
    });
  }
  if ((history.completeNs[row] ?? 0) < (history.completeNs[last] ?? 0)) {
    log.unknown('impossible record', [last, row], (refer) => {
      const these = `these two${refer(last)}${refer(row)}`;
      return `client ${history.process[row]} recorded ${these} in another order than that of their times`;
    });
  }
}

/** What a correct generator never writes. A verdict built on it would be worth nothing. */
function checkRecord(history: History, row: number, log: AnomalyLog): void {
  const kind = history.kind[row] ?? 0;
  const outcome = history.outcome[row] ?? 0;
  if ((history.completeNs[row] ?? 0) < (history.invokeNs[row] ?? 0)) {
    log.unknown(
      'impossible record',
      [row],
      (refer) => `the operation${refer(row)} completed before it was invoked`,
    );
  }
  if (outcome === Outcome.info && !isWrite(kind) && history.inMulti[row] === 0) {
    log.unknown('impossible record', [row], (refer) => `a read${refer(row)} is recorded as indeterminate`);
  }
  if (outcome === Outcome.ok && (history.zxid[row] ?? NONE) <= 0) {
    log.unknown('impossible record', [row], (refer) => `an acknowledged operation${refer(row)} has no zxid`);
  }
}

function isAcknowledgedWrite(history: History, row: number): boolean {
  return history.outcome[row] === Outcome.ok && isWrite(history.kind[row] ?? 0);
}
