import type { History } from '../history/history.ts';
import type { CheckerResult } from '../history/verification.ts';
import { AnomalyLog } from './anomaly-log.ts';
import { IndeterminateWrites } from './indeterminate.ts';
import { NodeIndex } from './node-index.ts';
import { Replay } from './replay.ts';
import { checkSessionOrder } from './session-order.ts';

/**
 * Checks a whole history, however long, against ZooKeeper's promises: updates linearizable, each session in
 * order, every read a point of the one history of updates, perhaps a stale one.
 *
 * Every reply carries the zxid at which it was true, so the order of everything is given and only has to be
 * checked: one radix sort and one pass, where a search over possible orders would be exponential. What this
 * can't see is a server that lies consistently in its zxids; a checker that ignores zxids runs beside it.
 */
export function checkZxidOrder(history: History): CheckerResult {
  const startedMs = performance.now();
  const log = new AnomalyLog(history);
  const nodes = new NodeIndex(history);
  checkSessionOrder(history, log);
  const writes = new IndeterminateWrites(history, nodes, log);
  const opsChecked = new Replay(history, nodes, writes, log).run();
  return log.result({ name: 'zxid-order', opsChecked, durationMs: performance.now() - startedMs });
}
