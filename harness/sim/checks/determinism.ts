import type { Ghost } from '../ghost/ghost.ts';
import type { GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/** P10: all servers have the same tree at the same zxid. */
export function checkDigest(
  ghost: Ghost,
  server: GhostServer,
  zxid: number,
  high: number,
  low: number,
): void {
  if (high === 0 && low === 0) return;
  const { digests } = ghost.history;
  const known = digests.get(zxid);
  if (known === undefined) digests.set(zxid, { high, low, server: server.id });
  else if (known.high !== high || known.low !== low) {
    ghost.report('P10', `servers ${server.id} and ${known.server} have different trees at ${zx(zxid)}`);
  }
}
