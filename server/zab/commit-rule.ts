import type { ServerId } from '../base/server-id.ts';
import type { Zxid } from '../base/zxid.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

/** Whose acks the txns from `from` on take: a quorum of each. */
interface Era {
  readonly from: Zxid;
  readonly verifiers: readonly QuorumVerifier[];
}

/** How far a server has acknowledged. */
export interface AckedThrough {
  readonly id: ServerId;
  readonly zxid: Zxid;
}

/**
 * What it takes to commit a txn (protocol §4.5): a quorum's acks, and from a proposed reconfig on those of two quorums,
 * as long as it is not committed.
 *
 * When it is, the new configuration decides alone, also on what was proposed meanwhile; Apache goes on to ask the old
 * one about that. It need not: who leads next without having the reconfig would have to do without all of a quorum of
 * the old configuration, and who has it asks the new one. And it may not: of those asked some have gone to be observers,
 * or for good, and nothing would be committed any more.
 */
export class CommitRule {
  /** The first is what counts for the txn that is to be committed next. */
  readonly #eras: Era[];

  constructor(from: Zxid, verifiers: readonly QuorumVerifier[]) {
    this.#eras = [{ from, verifiers }];
  }

  /** Txns from this reconfig on, which is being proposed, take these. */
  propose(reconfig: Zxid, verifiers: readonly QuorumVerifier[]): void {
    this.#eras.push({ from: reconfig, verifiers });
  }

  /** It is committed: whatever is behind it takes this. */
  commit(reconfig: Zxid, verifier: QuorumVerifier): void {
    this.#eras.length = 0;
    this.#eras.push({ from: (reconfig + 1) as Zxid, verifiers: [verifier] });
  }

  /**
   * The last txn that is committed by these acks, or `committed`, which is already. Acks come in order: who has
   * acknowledged a txn has all before it.
   */
  committedBy(acks: readonly AckedThrough[], committed: Zxid): Zxid {
    for (;;) {
      const [era, next] = this.#eras;
      if (era === undefined) return committed;
      const upTo = highestOf(acks, era.verifiers, committed);
      if (next === undefined) return upTo;
      const last = (next.from - 1) as Zxid;
      if (upTo < last) return upTo;
      committed = last;
      this.#eras.shift();
    }
  }
}

function highestOf(
  acks: readonly AckedThrough[],
  verifiers: readonly QuorumVerifier[],
  committed: Zxid,
): Zxid {
  const candidates = acks.map(({ zxid }) => zxid).sort((a, b) => b - a);
  for (const candidate of candidates) {
    if (candidate <= committed) break;
    const servers = new Set<ServerId>();
    for (const { id, zxid } of acks) if (zxid >= candidate) servers.add(id);
    if (verifiers.every((verifier) => verifier.containsQuorum(servers))) return candidate;
  }
  return committed;
}
