import type { Ghost } from '../ghost/ghost.ts';
import type { GhostServer } from '../ghost/ghost-server.ts';

/** P1: at most one server ever completes NEWLEADER with a quorum for a given epoch. */
export function checkPrimaryUniqueness(ghost: Ghost, server: GhostServer, epoch: number): void {
  const { epochOwners } = ghost.history;
  const owner = epochOwners.get(epoch);
  if (owner !== undefined) {
    ghost.report('P1', `server ${server.id} is established in epoch ${epoch}, and so was server ${owner}`);
  }
  epochOwners.set(epoch, server.id);
}
