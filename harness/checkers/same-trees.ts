import type { FinalTrees } from '../history/final-trees.ts';
import type { CheckerResult } from '../history/verification.ts';
import { FindingLog } from './finding-log.ts';

/**
 * All servers hold the same tree in the end (reliability: L9): having applied everything up to one zxid, any two of
 * them have the same nodes, with the same data and Stats. Null: the trees were to be compared and have not been.
 */
export function checkSameTrees(trees: FinalTrees | null): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  if (trees === null) {
    log.unknown('trees not compared', 'the run ended before what its servers hold was compared');
  } else {
    check(trees, log);
  }
  const durationMs = performance.now() - startedMs;
  return log.result({ name: 'same-trees', opsChecked: trees?.nodes ?? 0, durationMs });
}

function check(trees: FinalTrees, log: FindingLog): void {
  const { servers, convergedAfterMs, differences, differing } = trees;
  for (const { serverId, address, error } of servers) {
    if (error !== null) log.unknown('tree not read', `server ${serverId} (${address}): ${error}`);
  }
  const isAnyUnread = servers.some(({ error }) => error !== null);
  if (convergedAfterMs === null && !isAnyUnread) {
    const zxids = servers.map(({ serverId, zxid }) => `server ${serverId} at ${zxid ?? 'none'}`);
    const explanation = `when the load was over they did not come to show the same zxid: ${zxids.join(', ')}`;
    log.unknown('servers not at one zxid', explanation);
  }
  for (const { path, seen } of differences) {
    const nodes = seen.map(({ serverId, node }) => `server ${serverId} has ${node}`).join('; ');
    const what = `${path}, one of ${differing}, is not the same on all servers, which are at one zxid: ${nodes}`;
    log.invalid('trees differ', what);
  }
  const isSame = new Set(servers.map(({ digest }) => digest)).size === 1;
  if (!isSame && !isAnyUnread && differences.length === 0) {
    const each = servers
      .map(({ serverId, digest }) => `server ${serverId} has ${digest ?? 'none'}`)
      .join(', ');
    log.invalid('trees differ', `at one zxid the digests of their trees are not the same: ${each}`);
  }
}
