import type { Ghost } from '../ghost/ghost.ts';
import type { GhostEntry } from '../ghost/ghost-history.ts';
import { contains, epochIn, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/** A leader begins: what was proposed in earlier epochs, and it does not have, is gone for good. */
export function buryWhatIsMissing(ghost: Ghost, leader: GhostServer, epoch: number): void {
  const { open } = ghost.history;
  for (const entry of open) {
    if (epochIn(entry.zxid) >= epoch || contains(leader.log, entry.zxid)) continue;
    entry.isDead = true;
    open.delete(entry);
  }
}

/** P13: what a leader began without is never committed later. */
export function checkAlive(ghost: Ghost, leader: GhostServer, entry: GhostEntry): void {
  ghost.history.open.delete(entry);
  if (entry.isDead) {
    ghost.report(
      'P13',
      `server ${leader.id} commits ${zx(entry.zxid)}, which a leader before it began without`,
    );
  }
}
