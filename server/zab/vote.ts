import type { ServerId } from '../base/server-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { NO_VOTE } from '../wire/election/i64.ts';

/** Whom a server wants to lead, or whom its election chose. */
export interface Vote {
  readonly leader: ServerId;
  /** The last one in that server's log. */
  readonly zxid: Zxid;
  /** The round of the election in which the vote was given. */
  readonly electionEpoch: number;
  /** That server's current epoch; the new one once it is established. */
  readonly peerEpoch: number;
}

/** What a server proposes that may not vote: everybody's vote is better. */
export function blankVote(electionEpoch: number): Vote {
  return { leader: NO_VOTE as ServerId, zxid: NO_VOTE as Zxid, electionEpoch, peerEpoch: NO_VOTE };
}

/**
 * Negative when `left` is the worse one. The epoch decides before the zxid: a longer log of an older epoch holds
 * what was never committed (reliability: B14). Ids only make the order total. Rounds are not compared.
 */
export function compareVotes(left: Vote, right: Vote): number {
  return left.peerEpoch - right.peerEpoch || left.zxid - right.zxid || left.leader - right.leader;
}

export function isSameVote(left: Vote, right: Vote): boolean {
  return compareVotes(left, right) === 0 && left.electionEpoch === right.electionEpoch;
}
