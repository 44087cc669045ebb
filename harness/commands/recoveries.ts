import type { History } from '../history/history.ts';
import { isWrite, Outcome } from '../history/op.ts';
import type { ReportInput } from '../history/report-schema.ts';
import type { Crash } from './crash-plan.ts';

type RecoveryInput = NonNullable<ReportInput['recoveries']>[number];

/**
 * What each crash cost, read off the history: when a client first noticed, when the first write asked for
 * after it succeeded, and for how long no write came back at all.
 */
export function recoveriesOf(history: History, crashes: readonly Crash[]): RecoveryInput[] {
  if (crashes.length === 0) return [];
  const acknowledged = completionsOf(history, (row) => isAcknowledgedWrite(history, row));
  const unanswered = completionsOf(history, (row) => history.outcome[row] === Outcome.info);
  return crashes.map((crash) => {
    const gap = longestGap(acknowledged, crash.killedAtMs, crash.restartedAtMs ?? Infinity);
    return {
      fault: `server ${crash.serverId} killed`,
      serverId: crash.serverId,
      killedAtMs: crash.killedAtMs,
      detectedAtMs: unanswered[firstAtOrAfter(unanswered, crash.killedAtMs)] ?? null,
      restartedAtMs: crash.restartedAtMs,
      firstSuccessAtMs: gap?.endMs ?? null,
      writeGapMs: gap === null ? null : gap.endMs - gap.startMs,
    };
  });
}

/**
 * The longest time without an event among those around `[fromMs, toMs]`. Answers that were on their way when
 * the server died still come in after `fromMs`, so the gap need not begin there.
 */
function longestGap(
  times: Float64Array,
  fromMs: number,
  toMs: number,
): { readonly startMs: number; readonly endMs: number } | null {
  let longest: { startMs: number; endMs: number } | null = null;
  for (let i = Math.max(1, firstAtOrAfter(times, fromMs)); i < times.length; i++) {
    const startMs = times[i - 1] as number;
    const endMs = times[i] as number;
    if (longest === null || endMs - startMs > longest.endMs - longest.startMs) longest = { startMs, endMs };
    if (startMs > toMs) break;
  }
  return longest;
}

function isAcknowledgedWrite(history: History, row: number): boolean {
  return history.outcome[row] === Outcome.ok && isWrite(history.kind[row] ?? 0);
}

/** In ms, in order of time. */
function completionsOf(history: History, holds: (row: number) => boolean): Float64Array {
  const times = new Float64Array(history.size);
  let count = 0;
  for (let row = 0; row < history.size; row++) {
    if (holds(row)) times[count++] = (history.completeNs[row] ?? 0) / 1e6;
  }
  return times.subarray(0, count).sort();
}

function firstAtOrAfter(times: Float64Array, atMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
