import type { ServerId } from '../base/server-id.ts';
import { PeerState } from '../wire/election/notification.ts';
import { isObserverIn, type Membership } from './membership.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';
import { compareVotes, type Vote } from './vote.ts';

/**
 * Who takes part in an election: the voters of the committed configuration and, while a newer one is known that
 * is not committed yet, those of both, of which each has to agree.
 */
export class Electorate {
  readonly voters: ReadonlySet<ServerId>;
  readonly configVersion: number;
  readonly configText: string;
  readonly #committed: Membership;
  readonly #verifiers: readonly QuorumVerifier[];

  constructor(committed: Membership, lastSeen: Membership | null) {
    this.#committed = committed;
    this.configVersion = committed.version;
    this.configText = committed.text;
    // The voters of one that is not newer are still told and heard (protocol §5.3), but decide nothing.
    const known = lastSeen === null ? [committed] : [committed, lastSeen];
    this.voters = new Set(known.flatMap(({ verifier }) => [...verifier.voters]));
    this.#verifiers = known
      .filter((membership) => membership === committed || membership.version > committed.version)
      .map(({ verifier }) => verifier);
  }

  /** Whether these servers decide, in each configuration that counts. */
  isQuorum(servers: ReadonlySet<ServerId>): boolean {
    return this.#verifiers.every((verifier) => verifier.containsQuorum(servers));
  }

  /** Whether these servers decide in the committed configuration, whatever is proposed. */
  isCommittedQuorum(servers: ReadonlySet<ServerId>): boolean {
    return this.#committed.verifier.containsQuorum(servers);
  }

  /** A server of no weight may vote for another and is never elected. */
  canLead(server: ServerId): boolean {
    return this.#committed.verifier.weightOf(server) > 0;
  }

  /** Whoever cannot lead loses against whoever can, even against a longer log. */
  isBetter(vote: Vote, than: Vote): boolean {
    if (!this.canLead(vote.leader)) return false;
    return compareVotes(vote, than) > 0 || !this.canLead(than.leader);
  }

  /** What `server` becomes under this leader. Who is in no configuration follows. */
  stateUnder(leader: ServerId, server: ServerId): PeerState {
    if (leader === server) return PeerState.leading;
    return isObserverIn(this.#committed, server) ? PeerState.observing : PeerState.following;
  }

  /** A voter of the committed configuration can propose itself, one of the next can only support another. */
  mayPropose(server: ServerId): boolean {
    return this.#committed.verifier.voters.has(server);
  }
}
