import type { Ghost } from '../ghost/ghost.ts';
import { epochIn, lastOf, type GhostServer } from '../ghost/ghost-server.ts';

/** P3: the durable currentEpoch is not above the accepted one, never goes back, and is that of the log at least. */
export function checkEpochs(ghost: Ghost, server: GhostServer, accepted: number, current: number): void {
  if (current > accepted) {
    ghost.report('P3', `server ${server.id} has currentEpoch ${current} above acceptedEpoch ${accepted}`);
  }
  if (current < server.current) {
    ghost.report('P3', `server ${server.id} goes back from currentEpoch ${server.current} to ${current}`);
  }
}

/** P3: who follows an epoch from here on has the history of every epoch its log knows of. */
export function checkCurrentEpoch(ghost: Ghost, server: GhostServer, epoch: number): void {
  checkEpochs(ghost, server, server.accepted, epoch);
  if (server.pending !== null || server.durable < lastOf(server.log)) {
    ghost.report('P3', `server ${server.id} says it is in epoch ${epoch}, and its history is not durable`);
  }
  if (epoch < epochIn(lastOf(server.log))) {
    ghost.report('P3', `server ${server.id} says it is in epoch ${epoch}, and its log is in a later one`);
  }
}
