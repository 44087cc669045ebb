import type { Ghost } from '../ghost/ghost.ts';
import { endsWith, lastOf, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/** D2: nothing is durable that was not logged. */
export function checkDurable(ghost: Ghost, server: GhostServer, upTo: number): void {
  if (upTo > lastOf(server.working) && !endsWith(server.working, upTo)) {
    ghost.report(
      'D2',
      `${zx(upTo)} is durable on server ${server.id}, its log ends with ${zx(lastOf(server.working))}`,
    );
  }
}

/** D1: a server acknowledges what is on its disk. */
export function checkAcknowledged(ghost: Ghost, server: GhostServer, upTo: number): void {
  if (server.pending !== null || server.durable < upTo) {
    ghost.report('D1', `server ${server.id} acknowledges ${zx(upTo)}, durable is ${zx(server.durable)}`);
  }
}

/** D4: what a start finds is a history this server had. */
export function checkRecovered(ghost: Ghost, server: GhostServer, lastLogged: number): void {
  const isKnown =
    endsWith(server.log, lastLogged) || (server.pending !== null && endsWith(server.pending, lastLogged));
  if (!isKnown) {
    ghost.report('D4', `server ${server.id} starts with ${zx(lastLogged)}, which it never had`);
  }
}
