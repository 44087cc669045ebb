import type { Ghost } from '../ghost/ghost.ts';
import { contains, countUpTo, type GhostServer, isEpochStart } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/** P7: the committed history only grows, by the next txn of whoever commits. */
export function checkGrowth(ghost: Ghost, leader: GhostServer, upTo: number): void {
  const { lastCommitted, canon } = ghost.history;
  if (canon.length > 0 && !contains(leader.log, lastCommitted)) {
    ghost.report(
      'P7',
      `server ${leader.id} commits up to ${zx(upTo)} and does not have ${zx(lastCommitted)}`,
    );
  }
}

/** P7: a server applies its history in order and without a gap; while it serves, only what is committed. */
export function checkApplied(ghost: Ghost, server: GhostServer, zxid: number): void {
  const { zxids, base } = server.working;
  const at = countUpTo(zxids, zxid) - 1;
  if (zxids[at] !== zxid) {
    ghost.report('P7', `server ${server.id} applies ${zx(zxid)}, which is not in its log`);
    return;
  }
  const previous = at === 0 ? base : (zxids[at - 1] as number);
  const isNext = server.applied === previous || (isEpochStart(server.applied) && server.applied > previous);
  if (!isNext || server.applied >= zxid) {
    ghost.report('P7', `server ${server.id} applies ${zx(zxid)} behind ${zx(server.applied)}`);
  }
  if (server.isServing && zxid > ghost.history.lastCommitted) {
    ghost.report('P7', `server ${server.id} serves ${zx(zxid)}, which is not committed`);
  }
}
