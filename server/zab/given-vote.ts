import { type Notification, PeerState } from '../wire/election/notification.ts';
import { isSameVote, type Vote } from './vote.ts';

/** A vote as another server has given it, and what that server was doing. */
export interface GivenVote extends Vote {
  readonly state: PeerState;
  /** Of the notification's format. */
  readonly version: number;
}

export function givenIn(notification: Notification): GivenVote {
  const { leader, zxid, electionEpoch, peerEpoch, state, version } = notification;
  return { leader, zxid, electionEpoch, peerEpoch, state, version };
}

export function voteOf({ leader, zxid, electionEpoch, peerEpoch }: GivenVote): Vote {
  return { leader, zxid, electionEpoch, peerEpoch };
}

/**
 * Whether two votes speak for the same ensemble. Of two servers that have a leader one may know the epoch from
 * after the synchronisation and the other not yet, or they may have come to it in different rounds (reliability:
 * B37); if neither is the same, one of them follows an earlier life of that leader.
 */
export function followsTheSame(left: GivenVote, right: GivenVote): boolean {
  if (left.state === PeerState.looking || right.state === PeerState.looking) return isSameVote(left, right);
  if (left.leader !== right.leader) return false;
  // Servers before 3.4.6 keep the epoch from before the synchronisation.
  if (left.version > 0 !== right.version > 0) return true;
  return left.peerEpoch === right.peerEpoch || left.electionEpoch === right.electionEpoch;
}
