import type { Ghost } from '../ghost/ghost.ts';
import { countUpTo, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../ghost/ghost-tree.ts';

/**
 * P5, P14: what is committed is on the disks of a quorum of voters, and of nobody else counted. A disk that has been
 * replaced since counts: its ack had been given.
 */
export function checkQuorum(ghost: Ghost, leader: GhostServer, zxid: number): void {
  const count = votersWith(ghost, zxid);
  if (count < ghost.quorum) {
    const needed = `on ${count} voters of ${ghost.quorum} needed`;
    ghost.report('P5', `server ${leader.id} commits ${zx(zxid)}, which is durable ${needed}`);
  }
}

/**
 * D1: what is committed stays on the disks of a quorum. One server may lose some of it: a leader tells a learner to
 * go back behind what it has not committed yet, and commits it meanwhile with others.
 */
export function checkLoss(ghost: Ghost, server: GhostServer, after: number, upTo: number): void {
  const { canon } = ghost.history;
  for (let i = countUpTo(canon, upTo) - 1; i >= 0; i--) {
    const zxid = canon[i] as number;
    if (zxid <= after) return;
    const count = votersWith(ghost, zxid);
    if (count < ghost.quorum) {
      ghost.report(
        'D1',
        `server ${server.id} loses ${zx(zxid)}, which is committed, and ${count} voters have it`,
      );
      return;
    }
  }
}

function votersWith(ghost: Ghost, zxid: number): number {
  return ghost.servers.filter((server) => server.isVoter && server.hasHad(zxid)).length;
}
