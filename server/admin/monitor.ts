import type { ServerView } from './server-view.ts';
import type { Summary } from './summary.ts';

/**
 * The text of `mntr`: `zk_<key>\t<value>` lines, version and state first, then gauges, counters and summaries
 * (protocol §6.2). A key Apache has and nothing here feeds is left out: a tool copes with a missing key, but not
 * with an invented value.
 */
export function monitorText(view: ServerView): string {
  const lines: string[] = [];
  const add = (key: string, value: number | string): void => {
    lines.push(`zk_${key}\t${value}\n`);
  };
  add('version', view.config.versionLine);
  add('server_state', view.serverState);
  if (view.peerState !== null) add('peer_state', view.peerState);
  addGauges(view, add);
  addEnsemble(view, add);
  for (const [name, counter] of view.stats.counters) add(name, counter.value);
  for (const [name, summary] of view.stats.summaries) addSummary(name, summary, add);
  return lines.join('');
}

type AddLine = (key: string, value: number | string) => void;

function addGauges(view: ServerView, add: AddLine): void {
  const { stats, tree } = view;
  add('avg_latency', javaDouble(stats.latency.average));
  add('max_latency', stats.latency.max);
  add('min_latency', stats.latency.min);
  add('packets_received', stats.packetsReceived);
  add('packets_sent', stats.packetsSent);
  add('num_alive_connections', view.connectionCount);
  add('outstanding_requests', view.outstandingRequests);
  add('uptime', Math.floor(view.uptimeMs));
  add('znode_count', tree.znodeCount);
  add('watch_count', tree.watchCount);
  add('ephemerals_count', tree.ephemeralsCount);
  add('approximate_data_size', tree.approximateDataSize);
  add('global_sessions', view.globalSessionCount);
  add('local_sessions', view.localSessionCount);
  add('auth_failed_count', stats.authFailedCount);
  add('last_client_response_size', stats.lastResponseSize);
  add('max_client_response_size', stats.maxResponseSize);
  add('min_client_response_size', stats.minResponseSize);
  const descriptors = view.fileDescriptors();
  if (descriptors === null) return;
  add('open_file_descriptor_count', descriptors.open);
  add('max_file_descriptor_count', descriptors.max);
}

function addEnsemble({ membership, leading }: ServerView, add: AddLine): void {
  if (membership !== null) add('quorum_size', membership.verifier.voters.size);
  if (leading === null) return;
  add('learners', leading.learnerCount);
  add('synced_followers', leading.syncedFollowerCount);
  add('synced_non_voting_followers', leading.syncedNonVoterCount);
  add('synced_observers', leading.syncedObserverCount);
  add('pending_syncs', leading.pendingSyncCount);
  add('leader_uptime', Math.floor(leading.leadingForMs));
  add('last_proposal_size', leading.proposalSizes.last);
  add('max_proposal_size', leading.proposalSizes.max);
  add('min_proposal_size', leading.proposalSizes.min);
}

function addSummary(name: string, summary: Summary, add: AddLine): void {
  add(`avg_${name}`, javaDouble(summary.average));
  add(`min_${name}`, summary.min);
  add(`max_${name}`, summary.max);
  add(`cnt_${name}`, summary.count);
  add(`sum_${name}`, summary.sum);
  if (!summary.hasPercentiles) return;
  add(`p50_${name}`, summary.percentile(0.5));
  add(`p95_${name}`, summary.percentile(0.95));
  add(`p99_${name}`, summary.percentile(0.99));
  add(`p999_${name}`, summary.percentile(0.999));
}

/** A `double` as Java prints it in this range: always with a point. */
export function javaDouble(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
