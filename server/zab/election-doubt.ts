import type { ServerId } from '../base/server-id.ts';
import { type Notification, PeerState } from '../wire/election/notification.ts';
import type { Electorate } from './electorate.ts';
import type { Vote } from './vote.ts';

/** Whether a vote that was elected can still come to something, from what the others say afterwards (B38). */
export class ElectionDoubt {
  /** Voters that have turned to another vote. */
  readonly #dissenters = new Set<ServerId>();

  reset(): void {
    this.#dissenters.clear();
  }

  /**
   * A voter spoke. It is lost if it has gone on to another round, or in this one to a better vote or another
   * leader. One that is LOOKING in this round with a worse vote is only slow.
   */
  note(from: ServerId, given: Notification, elected: Vote, electorate: Electorate): void {
    const { electionEpoch: round } = elected;
    if (given.state === PeerState.looking) {
      const isElsewhere =
        given.electionEpoch > round || (given.electionEpoch === round && electorate.isBetter(given, elected));
      if (isElsewhere) this.#dissenters.add(from);
    } else if (given.leader === elected.leader) this.#dissenters.delete(from);
    else if (given.electionEpoch >= round) this.#dissenters.add(from);
  }

  /** Why nothing will come of it; null as long as something may. */
  reason(of: {
    readonly self: ServerId;
    readonly leader: ServerId;
    readonly electorate: Electorate;
    readonly down: ReadonlySet<ServerId>;
  }): string | null {
    const { self, leader, electorate, down } = of;
    const isLost = (id: ServerId): boolean => this.#dissenters.has(id) || down.has(id);
    if (leader !== self && isLost(leader)) return `server ${leader} does not lead after all`;
    const supporters = [...electorate.voters].filter((id) => {
      // Whom a follower cannot reach its leader may; only what the others say of themselves counts then.
      return leader === self ? !isLost(id) : !this.#dissenters.has(id);
    });
    return electorate.isQuorum(new Set(supporters)) ? null : `server ${leader} has no quorum any more`;
  }
}
