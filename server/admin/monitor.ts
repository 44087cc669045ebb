import { javaDouble } from './java-double.ts';
import type { ServerView } from './server-view.ts';
import type { Summary } from './summary.ts';

/** One number of `mntr`, under its name without `zk_`. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly type: 'gauge' | 'counter';
  /** A `double` in Apache, whatever its value. */
  readonly isDouble?: true;
}

/** What a running server is, and does, in words. */
export function monitorStates(view: ServerView): (readonly [name: string, value: string])[] {
  return [
    ['version', view.config.versionLine],
    ['server_state', view.serverState],
    ...(view.peerState === null ? [] : [['peer_state', view.peerState] as const]),
  ];
}

/**
 * Gauges and counters (protocol §6.2), the summaries of `stats` apart. A key Apache has and nothing here feeds is left
 * out: a tool copes with a missing key, but not with an invented value.
 */
export function monitorFigures(view: ServerView): Figure[] {
  const figures: Figure[] = [...gauges(view), ...ensembleGauges(view)];
  for (const [name, { value }] of view.stats.counters) figures.push({ name, value, type: 'counter' });
  return figures;
}

/** The text of `mntr`: `zk_<key>\t<value>` lines, states first, then gauges, counters and summaries. */
export function monitorText(view: ServerView): string {
  return monitorEntries(view)
    .map(([name, value]) => `zk_${name}\t${value}\n`)
    .join('');
}

/** Everything of `mntr`, with numbers as Java prints them. */
export function monitorEntries(view: ServerView): (readonly [name: string, value: string])[] {
  return [
    ...monitorStates(view),
    ...monitorFigures(view).map(
      ({ name, value, isDouble }) => [name, isDouble === true ? javaDouble(value) : String(value)] as const,
    ),
    ...[...view.stats.summaries].flatMap(([name, summary]) => summaryEntries(name, summary)),
  ];
}

function gauges(view: ServerView): Figure[] {
  const { stats, tree } = view;
  const descriptors = view.fileDescriptors();
  return [
    { ...gauge('avg_latency', stats.latency.average), isDouble: true },
    gauge('max_latency', stats.latency.max),
    gauge('min_latency', stats.latency.min),
    gauge('packets_received', stats.packetsReceived),
    gauge('packets_sent', stats.packetsSent),
    gauge('num_alive_connections', view.connectionCount),
    gauge('outstanding_requests', view.outstandingRequests),
    gauge('uptime', Math.floor(view.uptimeMs)),
    gauge('znode_count', tree.znodeCount),
    gauge('watch_count', tree.watchCount),
    gauge('ephemerals_count', tree.ephemeralsCount),
    gauge('approximate_data_size', tree.approximateDataSize),
    gauge('global_sessions', view.globalSessionCount),
    gauge('local_sessions', view.localSessionCount),
    gauge('auth_failed_count', stats.authFailedCount),
    gauge('last_client_response_size', stats.lastResponseSize),
    gauge('max_client_response_size', stats.maxResponseSize),
    gauge('min_client_response_size', stats.minResponseSize),
    ...(descriptors === null
      ? []
      : [
          gauge('open_file_descriptor_count', descriptors.open),
          gauge('max_file_descriptor_count', descriptors.max),
        ]),
  ];
}

function ensembleGauges({ membership, leading }: ServerView): Figure[] {
  const size = membership === null ? [] : [gauge('quorum_size', membership.verifier.voters.size)];
  if (leading === null) return size;
  return [
    ...size,
    gauge('learners', leading.learnerCount),
    gauge('synced_followers', leading.syncedFollowerCount),
    gauge('synced_non_voting_followers', leading.syncedNonVoterCount),
    gauge('synced_observers', leading.syncedObserverCount),
    gauge('pending_syncs', leading.pendingSyncCount),
    gauge('leader_uptime', Math.floor(leading.leadingForMs)),
    gauge('last_proposal_size', leading.proposalSizes.last),
    gauge('max_proposal_size', leading.proposalSizes.max),
    gauge('min_proposal_size', leading.proposalSizes.min),
  ];
}

function gauge(name: string, value: number): Figure {
  return { name, value, type: 'gauge' };
}

function summaryEntries(name: string, summary: Summary): (readonly [string, string])[] {
  const basic: (readonly [string, string])[] = [
    [`avg_${name}`, javaDouble(summary.average)],
    [`min_${name}`, String(summary.min)],
    [`max_${name}`, String(summary.max)],
    [`cnt_${name}`, String(summary.count)],
    [`sum_${name}`, String(summary.sum)],
  ];
  if (!summary.hasPercentiles) return basic;
  const percentiles = { p50: 0.5, p95: 0.95, p99: 0.99, p999: 0.999 };
  return [
    ...basic,
    ...Object.entries(percentiles).map(
      ([percentile, fraction]) => [`${percentile}_${name}`, String(summary.percentile(fraction))] as const,
    ),
  ];
}
