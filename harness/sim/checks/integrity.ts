import type { Ghost } from '../ghost/ghost.ts';
import { sameBytes } from '../../model/same-bytes.ts';
import { epochIn, follows, lastOf, type GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

/** P4, P12: a zxid is proposed once, by the established leader of its epoch, right behind its own history. */
export function checkProposal(ghost: Ghost, server: GhostServer, zxid: number, entry: Uint8Array): void {
  const epoch = epochIn(zxid);
  const owner = ghost.history.epochOwners.get(epoch);
  if (owner !== server.id) {
    ghost.report('P4', `server ${server.id} proposes ${zx(zxid)} in an epoch of ${owner ?? 'nobody'}`);
  }
  const known = ghost.history.entries.get(zxid) ?? ghost.history.propose(server.id, zxid, entry);
  if (known.isProposed || known.proposer !== server.id || !sameBytes(known.bytes, entry)) {
    ghost.report('P4', `server ${server.id} proposes ${zx(zxid)}, and so did server ${known.proposer}`);
  }
  known.isProposed = true;
  const last = lastOf(server.log);
  if (last !== zxid && !follows(last, zxid)) {
    ghost.report('P12', `server ${server.id} proposes ${zx(zxid)} behind ${zx(last)}`);
  }
}

/** P4: what is logged anywhere is what the leader of its epoch proposed, byte for byte. */
export function checkEntry(ghost: Ghost, server: GhostServer, zxid: number, entry: Uint8Array): void {
  const proposed = ghost.history.entries.get(zxid);
  if (proposed === undefined) {
    ghost.report('P4', `server ${server.id} logs ${zx(zxid)}, which nobody proposed`);
  } else if (!sameBytes(proposed.bytes, entry)) {
    ghost.report(
      'P4',
      `server ${server.id} logs other bytes for ${zx(zxid)} than server ${proposed.proposer} proposed`,
    );
  }
}

/** P11: a log has no gap. */
export function checkContiguity(ghost: Ghost, server: GhostServer, zxid: number): void {
  const last = lastOf(server.working);
  if (!follows(last, zxid)) ghost.report('P11', `server ${server.id} logs ${zx(zxid)} behind ${zx(last)}`);
}
