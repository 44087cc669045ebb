import type { Ghost } from '../ghost/ghost.ts';
import type { GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/**
 * D3: what was written can be read back, and made again it is the same state. For whoever had this zxid applied before,
 * by whatever way, had this digest.
 */
export function checkReplayed(
  ghost: Ghost,
  server: GhostServer,
  zxid: number,
  { high, low }: { readonly high: number; readonly low: number },
): void {
  const known = ghost.history.digests.get(zxid);
  if (known === undefined) return;
  ghost.marks.hit('state made again from the disk');
  if (known.high === high && known.low === low) return;
  ghost.report(
    'D3',
    `server ${server.id} makes another state of ${zx(zxid)} from its disk than server ${known.server} had`,
  );
}
