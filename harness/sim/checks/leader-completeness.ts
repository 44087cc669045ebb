import type { Ghost } from '../ghost/ghost.ts';
import { contains, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../ghost/ghost-tree.ts';

/** P8: a leader that begins to lead has everything that was ever committed. */
export function checkLeaderCompleteness(ghost: Ghost, leader: GhostServer, epoch: number): void {
  const { canon } = ghost.history;
  // Logs are contiguous (P11) and their entries unique (P4): whoever has the last has them all.
  for (let i = canon.length - 1; i >= Math.max(0, canon.length - 20); i--) {
    const zxid = canon[i] as number;
    if (!contains(leader.log, zxid)) {
      ghost.report('P8', `server ${leader.id} leads epoch ${epoch} without ${zx(zxid)}, which is committed`);
      return;
    }
  }
}
