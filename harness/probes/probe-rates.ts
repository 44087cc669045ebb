import type { ProbeIntervals, ProbeTarget } from './probe-record.ts';

/**
 * Of reads, synced reads and writes at the ensemble as a whole, each. With a dozen
 * others waiting for the same two cores, the prober of three servers took 1.6 to 2.0 % of a core at this rate once it
 * was warm, and 2.4 to 3.0 % at twice that.
 */
export const PROBE_RATE_DEFAULT = 25;

/**
 * What is probed how often, as a share of that rate. Most of it goes to the client of the whole ensemble, whose wait
 * is what an outage is for applications; a single server's comes back in more than its few intervals. A session is
 * a connection and two txns, a watch's round trip three requests.
 */
const SHARES = {
  ensemble: { read: 1, syncRead: 1, write: 1, watch: 1 / 5, session: 1 / 25 },
  server: { read: 1 / 5, syncRead: 1 / 5, write: 1 / 5, watch: 1 / 25, session: 1 / 50 },
} as const;

/** Each server, and last the ensemble. */
export function probeTargets(serverIds: readonly number[], ratePerSecond: number): readonly ProbeTarget[] {
  return [
    ...serverIds.map((serverId) => ({ serverId, intervalMs: intervals('server', ratePerSecond) })),
    { serverId: null, intervalMs: intervals('ensemble', ratePerSecond) },
  ];
}

function intervals(of: keyof typeof SHARES, ratePerSecond: number): ProbeIntervals {
  const { read, syncRead, write, watch, session } = SHARES[of];
  const of1000 = (share: number): number => 1000 / (ratePerSecond * share);
  return {
    read: of1000(read),
    syncRead: of1000(syncRead),
    write: of1000(write),
    watch: of1000(watch),
    session: of1000(session),
  };
}
