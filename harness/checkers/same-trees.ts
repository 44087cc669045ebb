import type { FinalTrees } from '../history/final-trees.ts';
import type { History } from '../history/history.ts';
import type { CheckerResult } from '../history/verification.ts';
import { AnomalyLog } from './anomaly-log.ts';

/**
 * All servers hold the same tree in the end (reliability: L9): having applied everything up to one zxid, any two of
 * them have the same nodes, with the same data and Stats. Null: the trees were to be compared and have not been.
 */
export function checkSameTrees(trees: FinalTrees | null, history: History): CheckerResult {
  const startedMs = performance.now();
  const log = new AnomalyLog(history);
  if (trees === null) {
    log.unknown('trees not compared', [], () => 'the run ended before what its servers hold was compared');
  } else {
    check(trees, log);
  }
  const durationMs = performance.now() - startedMs;
  return log.result({ name: 'same-trees', opsChecked: trees?.nodes ?? 0, durationMs });
}

function check(trees: FinalTrees, log: AnomalyLog): void {
  const { servers, convergedAfterMs, differences, differing } = trees;
  for (const { serverId, address, error } of servers) {
    if (error !== null) log.unknown('tree not read', [], () => `server ${serverId} (${address}): ${error}`);
  }
  const isAnyUnread = servers.some(({ error }) => error !== null);
  if (convergedAfterMs === null && !isAnyUnread) {
    log.unknown('servers not at one zxid', [], () => {
      const zxids = servers.map(({ serverId, zxid }) => `server ${serverId} at ${zxid ?? 'none'}`);
      return `when the load was over they did not come to show the same zxid: ${zxids.join(', ')}`;
    });
  }
  for (const { path, seen } of differences) {
    log.invalid('trees differ', [], () => {
      const nodes = seen.map(({ serverId, node }) => `server ${serverId} has ${node}`);
      return `${path}, one of ${differing}, is not the same on all servers, which are at one zxid: ${nodes.join('; ')}`;
    });
  }
  const isSame = new Set(servers.map(({ digest }) => digest)).size === 1;
  if (!isSame && !isAnyUnread && differences.length === 0) {
    log.invalid('trees differ', [], () => 'their digests are not the same');
  }
}
