import type { ServerId } from './base/server-id.ts';
import type { Membership } from './zab/membership.ts';

/**
 * What zoo.cfg, the dynamic file and `myid` say to one server of an ensemble. Names follow the file's keys
 * (protocol §5.5); what the file counts in ticks is in milliseconds here (`ServerConfig.tickTimeMs`).
 */
export interface EnsembleConfig {
  /** What `<dataDir>/myid` says; always a member. */
  readonly myId: ServerId;
  readonly membership: Membership;

  /** How long a learner may take to find the leader, and to be brought up to date. */
  readonly initLimitMs: number;
  /** How long either side of leader and learner may hear nothing of the other. */
  readonly syncLimitMs: number;
  /** For connecting to the leader, all attempts together: `initLimitMs` when not set. */
  readonly connectToLearnerMasterLimitMs: number;
  /** Between two attempts to connect to the leader. */
  readonly leaderConnectDelayDuringRetryMs: number;
  /** For connecting to a peer's election port. */
  readonly cnxTimeoutMs: number;
  /** For the first message on an election connection: `syncLimitMs` when not set. */
  readonly quorumCnxnTimeoutMs: number;
  /** How often binding the election port is tried; 0: for ever. */
  readonly electionPortBindRetry: number;
  /** Whether the quorum port and the election port are bound on every address, not only the line's. */
  readonly quorumListenOnAllIPs: boolean;
  /** How long an election waits for notifications before it sends its own again: at first … */
  readonly minNotificationIntervalMs: number;
  /** … and at most, after doubling. */
  readonly maxNotificationIntervalMs: number;

  /** Whether the leader serves clients. */
  readonly leaderServes: boolean;
  /** Whether an observer writes the log and snapshots. */
  readonly syncEnabled: boolean;
  /** How many committed txns a leader keeps in memory for learners that come back. */
  readonly commitLogCount: number;
  /** A learner that needs more of the log than this share of the snapshot's size gets the snapshot; below 0: never the log. */
  readonly snapshotSizeFactor: number;
  /** Learners that are sent a snapshot, or a part of the log, at the same time. */
  readonly maxConcurrentSnapSyncs: number;
  readonly maxConcurrentDiffSyncs: number;
}
