import type { Log } from '../base/log.ts';
import type { Timers } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import type { Notification } from '../wire/election/notification.ts';
import type { Membership } from './membership.ts';
import type { Vote } from './vote.ts';

/** What an election does to the world. */
export interface ElectionEffects {
  /** To another server, connected or not; only the newest for each need ever arrive. */
  send(to: ServerId, notification: Notification): void;
  /** What was sent and has not left need not arrive any more: the election is over. */
  withdraw(): void;
  /**
   * The election is over; `state` and `vote` say so already. Called last: `look` may be called from here. It may
   * come before `look` has returned where this server is a quorum of its own.
   */
  onElected(vote: Vote): void;
  /**
   * The vote that was elected has lost its quorum, or its leader, before it was synchronised: whoever waits for
   * the others to come waits in vain, and should `look` again at once (reliability: B38). At most once after each
   * `onElected`.
   */
  onDoubt(why: string): void;
  /**
   * While LOOKING: another server knows a configuration that is newer than ours. Once for each version in each
   * election. Whoever takes it calls `setMembership` and `look`, from here or, after `stop`, when it can.
   */
  onNewerConfig(text: string, from: ServerId): void;
}

export interface ElectionOptions {
  readonly self: ServerId;
  readonly membership: Membership;
  readonly timers: Timers;
  readonly log: Log;
  readonly effects: ElectionEffects;
  /** How long a better vote is waited for where one could still come. */
  readonly finalizeWaitMs?: number;
  /** `zookeeper.fastleader.minNotificationInterval`: when a vote is said again for the first time … */
  readonly notificationIntervalMinMs?: number;
  /** … and `…maxNotificationInterval`: what that time may double to. */
  readonly notificationIntervalMaxMs?: number;
}
