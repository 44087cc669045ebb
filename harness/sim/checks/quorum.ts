import type { ServerId } from '../../../server/base/server-id.ts';
import type { Ghost } from '../ghost/ghost.ts';
import { countUpTo, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/**
 * P5, P14: what is committed is on the disks of a quorum of voters, and of nobody else counted. A disk that has been
 * replaced since counts: its ack had been given.
 */
export function checkQuorum(ghost: Ghost, leader: GhostServer, zxid: number): void {
  const holders = serversWith(ghost, zxid);
  if (ghost.configurations.isQuorumFor(zxid, holders)) return;
  ghost.report(
    'P5',
    `server ${leader.id} commits ${zx(zxid)}, which is durable on ${describe(holders)} alone, no quorum`,
  );
}

/**
 * D1: what is committed stays on the disks of a quorum of those who decide. One server may lose some of it: a leader
 * tells a learner to go back behind what it has not committed yet, and commits it meanwhile with others.
 */
export function checkLoss(ghost: Ghost, server: GhostServer, after: number, upTo: number): void {
  const { canon } = ghost.history;
  for (let i = countUpTo(canon, upTo) - 1; i >= 0; i--) {
    const zxid = canon[i] as number;
    if (zxid <= after) return;
    const holders = serversWith(ghost, zxid);
    if (ghost.configurations.isQuorum(holders)) continue;
    ghost.report(
      'D1',
      `server ${server.id} loses ${zx(zxid)}, which is committed, and ${describe(holders)} have it`,
    );
    return;
  }
}

function serversWith(ghost: Ghost, zxid: number): Set<ServerId> {
  return new Set(ghost.servers.filter((server) => server.hasHad(zxid)).map(({ id }) => id as ServerId));
}

function describe(servers: ReadonlySet<number>): string {
  return servers.size === 0 ? 'no server' : `server ${[...servers].join(' ')}`;
}
