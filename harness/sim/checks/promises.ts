import type { Ghost } from '../ghost/ghost.ts';
import type { GhostServer } from '../ghost/ghost-server.ts';

/** P2: the durable acceptedEpoch of a server never decreases. */
export function checkAcceptedEpoch(ghost: Ghost, server: GhostServer, epoch: number): void {
  if (epoch < server.accepted) {
    ghost.report('P2', `server ${server.id} goes back from accepted epoch ${server.accepted} to ${epoch}`);
  }
}

/** P2: a server promises an epoch to one leader only, and only after its disk knows of it. */
export function checkPromise(ghost: Ghost, server: GhostServer, leader: number, epoch: number): void {
  if (server.accepted < epoch) {
    ghost.report('P2', `server ${server.id} promises epoch ${epoch}, and its disk has ${server.accepted}`);
  }
  const earlier = server.promises.get(epoch);
  if (earlier !== undefined && earlier !== leader) {
    ghost.report('P2', `server ${server.id} promises epoch ${epoch} to ${leader}, and did so to ${earlier}`);
  }
}
