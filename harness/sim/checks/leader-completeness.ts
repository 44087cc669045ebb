import { epochOf, type Zxid } from '../../../server/base/zxid.ts';
import type { Ghost } from '../ghost/ghost.ts';
import { contains, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/**
 * P8: a leader that begins to lead has everything that was committed in epochs before its own. A later epoch may have
 * begun without it, if it was stopped between the acks of its quorum and the moment at which it finds them: nobody
 * will acknowledge anything to it.
 */
export function checkLeaderCompleteness(ghost: Ghost, leader: GhostServer, epoch: number): void {
  const canon = ghost.history.canon.filter((zxid) => epochOf(zxid as Zxid) < epoch);
  // Logs are contiguous (P11) and their entries unique (P4): whoever has the last has them all.
  for (let i = canon.length - 1; i >= Math.max(0, canon.length - 20); i--) {
    const zxid = canon[i] as number;
    if (!contains(leader.log, zxid)) {
      ghost.report('P8', `server ${leader.id} leads epoch ${epoch} without ${zx(zxid)}, which is committed`);
      return;
    }
  }
}
