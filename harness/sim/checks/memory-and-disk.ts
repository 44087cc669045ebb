import type { Ghost } from '../ghost/ghost.ts';
import { endsWith, lastOf, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/** P9: what a server says its history ends with is what its disk would give back, no more and no less. */
export function checkReport(
  ghost: Ghost,
  server: GhostServer,
  lastLogged: number,
  currentEpoch: number,
): void {
  if (server.pending !== null) {
    ghost.report('P9', `server ${server.id} reports ${zx(lastLogged)} with a snapshot that is not durable`);
  }
  const last = lastOf(server.log);
  if (lastLogged < last || !endsWith(server.log, lastLogged)) {
    ghost.report('P9', `server ${server.id} reports ${zx(lastLogged)}, and its log ends with ${zx(last)}`);
  }
  if (server.durable < last) {
    ghost.report('P9', `server ${server.id} reports ${zx(lastLogged)}, durable is ${zx(server.durable)}`);
  }
  if (currentEpoch !== server.current) {
    ghost.report('P9', `server ${server.id} reports epoch ${currentEpoch}, its disk has ${server.current}`);
  }
}
