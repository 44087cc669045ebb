import type { History } from '../history/history.ts';
import { Outcome } from '../history/op.ts';
import type { CheckerResult } from '../history/verification.ts';
import { AnomalyLog } from './anomaly-log.ts';

/** Fewer acknowledged operations than this can't show much. */
export const ACKNOWLEDGED_OPS_MIN = 100;

/**
 * Whether there is enough of a history to acquit anybody. A run in which nothing succeeded violates nothing,
 * and what is missing from a cut history may be the very operation that would convict.
 */
export function checkCompleteness(
  history: History,
  acknowledgedOpsMin = ACKNOWLEDGED_OPS_MIN,
): CheckerResult {
  const startedMs = performance.now();
  const log = new AnomalyLog(history);
  for (const cut of history.cuts) {
    log.unknown('history cut', [], () => {
      return `${cut.path}: ${cut.reason} after ${cut.ops} operations, ${cut.lostBytes} bytes unreadable`;
    });
  }
  let acknowledged = 0;
  for (const outcome of history.outcome) if (outcome === Outcome.ok) acknowledged++;
  if (acknowledged < acknowledgedOpsMin) {
    log.unknown('too few operations', [], () => {
      return `${acknowledged} operations were acknowledged, of at least ${acknowledgedOpsMin}`;
    });
  }
  const durationMs = performance.now() - startedMs;
  return log.result({ name: 'completeness', opsChecked: history.size, durationMs });
}
