import type { Ghost } from '../ghost/ghost.ts';
import { contains, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../ghost/ghost-tree.ts';

/** P5, P14: what is committed is on the disks of a quorum of voters, and of nobody else counted. */
export function checkQuorum(ghost: Ghost, leader: GhostServer, zxid: number): void {
  let count = 0;
  for (const server of ghost.servers) {
    if (server.isVoter && server.durable >= zxid && contains(server.log, zxid)) count++;
  }
  if (count < ghost.quorum) {
    ghost.report(
      'P5',
      `server ${leader.id} commits ${zx(zxid)}, which is durable on ${count} voters of ${ghost.quorum} needed`,
    );
  }
}
