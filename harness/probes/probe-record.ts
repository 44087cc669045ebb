import type { ServerRole } from '../ensemble/ensemble.ts';

/**
 * What is probed, by its number in a probe file.
 *
 * - `read`: getData. `syncRead`: sync, then getData. `write`: setData.
 * - `session`: a connection is made, its session opened and closed.
 * - `watch`: from a write by one connection until another has the event of its watch.
 */
export const PROBE_CLASSES = ['read', 'syncRead', 'write', 'session', 'watch'] as const;

export type ProbeClass = (typeof PROBE_CLASSES)[number];

/** How a probe ended; what is negative is an error code of ZooKeeper's, −4 (ConnectionLoss) also from the client. */
export const PROBE_OUTCOME = { ok: 0, deadlinePassed: 1, notConnected: 2 } as const;

export type ProbeIntervals = Readonly<Record<ProbeClass, number>>;

/** Whom the probes of one column go to: always one server, or as an application does, whoever serves. */
export interface ProbeTarget {
  /** Null: every server in turn, the next one when one fails. */
  readonly serverId: number | null;
  /** How far apart its probes of each class are. */
  readonly intervalMs: ProbeIntervals;
}

/** One probe. Times in ns on the run's clock. */
export interface ProbeRecord {
  readonly probeClass: ProbeClass;
  /** An index into the targets. */
  readonly target: number;
  readonly intendedNs: number;
  /** NaN: it could not be sent when it was meant to be. */
  readonly sentNs: number;
  /** When its end was known: the answer, the error, or the deadline. */
  readonly completedNs: number;
  /** One of `PROBE_OUTCOME`, or ZooKeeper's error code. */
  readonly outcome: number;
}

/** What a server said that it is. Times in ns on the run's clock. */
export interface RoleObservation {
  readonly serverId: number;
  readonly askedNs: number;
  readonly answeredNs: number;
  /** Null: it did not answer, or serves nobody. */
  readonly role: ServerRole | null;
}

/** All that a prober has written down. */
export interface ProbeLog {
  readonly targets: readonly ProbeTarget[];
  /** A probe that takes longer has failed. */
  readonly deadlineMs: number;
  /** Without a connection, how long until the next attempt to get one: by so much a recovery may be seen late. */
  readonly dialPauseMs: number;
  readonly records: readonly ProbeRecord[];
  readonly roles: readonly RoleObservation[];
  /** Whether the prober came to its own end: if not, what it saw last is missing. */
  readonly isComplete: boolean;
}
