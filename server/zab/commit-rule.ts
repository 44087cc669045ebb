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
 * What takes a txn to be committed (protocol §4.5): a quorum's acks, and from a proposed reconfig on those of two
 * quorums, as long as it is not committed. What was proposed in that time takes both even if the reconfig has been
 * committed since, as in Apache.
 */
export class CommitRule {
  /** The first is what counts for the txn that is to be committed next. */
  readonly #eras: Era[];

  constructor(from: Zxid, verifiers: readonly QuorumVerifier[]) {
    this.#eras = [{ from, verifiers }];
  }

  /** Txns from `from` on, none of which has been proposed, take these. */
  changeFrom(from: Zxid, verifiers: readonly QuorumVerifier[]): void {
    this.#eras.push({ from, verifiers });
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
