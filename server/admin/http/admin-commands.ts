import { javaAddressText } from '../../auth/ip.ts';
import type { SessionId } from '../../base/session-id.ts';
import type { ServerId } from '../../base/server-id.ts';
import { counterOf, epochOf } from '../../base/zxid.ts';
import { environmentEntries } from '../environment.ts';
import { monitorFigures, monitorStates } from '../monitor.ts';
import type { ConnectionView, ObserverView, ServerView, SessionView } from '../server-view.ts';
import { Double, Entries, type JsonValue } from './json-text.ts';
import { overview } from './overview.ts';

type Fields = Readonly<Record<string, JsonValue>>;

/** A command of Apache's AdminServer (protocol §6.4). */
export interface AdminCommand {
  /** What it is called first, and then its other names. */
  readonly names: readonly [string, ...string[]];
  /** Answers also while there is no database to ask. */
  readonly needsNoDatabase?: true;
  /** What comes before `command` and `error`. `query`: what stands behind the `?`. */
  readonly run: (view: ServerView, query: URLSearchParams) => Fields;
}

const COMMANDS: readonly AdminCommand[] = [
  { names: ['configuration', 'conf', 'config'], run: configuration },
  {
    names: ['connection_stat_reset', 'crst'],
    run: (view) => {
      for (const connection of view.connections()) connection.resetStats();
      return {};
    },
  },
  { names: ['connections', 'cons'], run: (view) => connectionLists(view, withSession) },
  {
    names: ['dirs'],
    run: (view) => ({ datadir_size: view.dataDirSize(), logdir_size: view.logDirSize() }),
  },
  { names: ['dump'], run: dump },
  {
    names: ['environment', 'env', 'envi'],
    needsNoDatabase: true,
    run: (view) => Object.fromEntries(environmentEntries(view)),
  },
  {
    names: ['get_trace_mask', 'gtmk'],
    needsNoDatabase: true,
    run: ({ stats }) => ({ tracemask: stats.traceMask }),
  },
  { names: ['hash'], run: (view) => ({ digests: digests(view) }) },
  {
    names: ['initial_configuration', 'icfg'],
    run: (view) => ({ initial_configuration: view.config.initialConfiguration }),
  },
  {
    names: ['is_read_only', 'isro'],
    run: (view) => ({ read_only: view.serverState === 'read-only' }),
  },
  { names: ['last_snapshot', 'lsnp'], run: lastSnapshot },
  { names: ['leader', 'lead'], run: leader },
  { names: ['monitor', 'mntr'], run: monitor },
  {
    names: ['observer_connection_stat_reset', 'orst'],
    run: ({ leading }) => {
      for (const observer of leading?.observers ?? []) observer.resetStats();
      return {};
    },
  },
  {
    names: ['observers', 'obsr'],
    run: ({ leading }) => ({
      synced_observers: leading?.syncedObserverCount ?? 0,
      observers: mapped(leading?.observers ?? [], observerFields),
    }),
  },
  { names: ['overview'], needsNoDatabase: true, run: overview },
  { names: ['ruok'], needsNoDatabase: true, run: () => ({}) },
  { names: ['server_stats', 'srvr'], run: serverStats },
  { names: ['set_trace_mask', 'stmk'], needsNoDatabase: true, run: setTraceMask },
  {
    names: ['stat_reset', 'srst'],
    run: ({ stats }) => {
      stats.reset();
      return {};
    },
  },
  {
    names: ['stats', 'stat'],
    run: (view) => ({ ...serverStats(view), ...connectionLists(view, withoutSession) }),
  },
  { names: ['voting_view'], run: votingView },
  {
    names: ['watch_summary', 'wchs'],
    run: ({ watches }) => ({
      num_connections: watches.watcherCount,
      num_paths: watches.pathCount,
      num_total_watches: watches.count,
    }),
  },
  {
    names: ['watches', 'wchc'],
    run: (view) => ({ session_id_to_watched_paths: new Entries(watchedPaths(view)) }),
  },
  {
    names: ['watches_by_path', 'wchp'],
    run: (view) => ({ path_to_session_ids: new Entries(view.watches.byPath()) }),
  },
  { names: ['zabstate'], run: zabState },
];

const BY_NAME: ReadonlyMap<string, AdminCommand> = new Map(
  COMMANDS.flatMap((command) => command.names.map((name) => [name, command] as const)),
);

/** In the order in which the page of links has them. */
export const ADMIN_COMMAND_NAMES: readonly string[] = COMMANDS.map(({ names: [name] }) => name);

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

/** Everything that an answer has, what is wrong with the question included. */
export function answerAdminCommand(name: string, view: ServerView, query: URLSearchParams): Fields {
  const command = BY_NAME.get(name);
  if (command === undefined) return { command: name, error: `Unknown command: ${name}` };
  const [primary] = command.names;
  if (!view.isServing && command.needsNoDatabase !== true) return { command: primary, error: NOT_SERVING };
  const fields = command.run(view, query);
  return { ...fields, command: primary, ...('error' in fields ? {} : { error: null }) };
}

function configuration(view: ServerView): Fields {
  const { config } = view;
  return {
    client_port: view.clientPort,
    data_dir: view.snapDir,
    data_log_dir: view.logDir,
    tick_time: config.tickTimeMs,
    max_client_cnxns: config.maxClientCnxns,
    min_session_timeout: config.minSessionTimeoutMs,
    max_session_timeout: config.maxSessionTimeoutMs,
    server_id: view.serverId,
    client_port_listen_backlog: config.clientPortListenBacklog,
  };
}

function connectionLists(view: ServerView, fieldsOf: (connection: ConnectionView) => Fields): Fields {
  const listed = (isSecure: boolean): Generator<Fields> =>
    mapped(
      filtered(view.connections(), (connection) => connection.isSecure === isSecure),
      fieldsOf,
    );
  return { connections: listed(false), secure_connections: listed(true) };
}

function withoutSession(connection: ConnectionView): Fields {
  const { remoteAddress, remotePort, interestOps, queued, received, sent } = connection;
  return {
    remote_socket_address: `${javaAddressText(remoteAddress)}:${remotePort}`,
    interest_ops: interestOps,
    outstanding_requests: queued,
    packets_received: received,
    packets_sent: sent,
  };
}

function withSession(connection: ConnectionView): Fields {
  const { session } = connection;
  return { ...withoutSession(connection), ...(session === null ? {} : sessionFields(session)) };
}

function sessionFields(session: SessionView): Fields {
  return {
    session_id: session.sessionId,
    last_operation: session.lastOperation,
    established: session.establishedMs,
    session_timeout: session.timeoutMs,
    last_cxid: session.lastCxid,
    last_zxid: session.lastZxid,
    last_response_time: session.lastResponseMs,
    last_latency: session.lastLatencyMs,
    min_latency: session.minLatencyMs,
    avg_latency: Math.floor(session.averageLatencyMs),
    max_latency: session.maxLatencyMs,
  };
}

function dump(view: ServerView): Fields {
  return {
    expiry_time_to_session_ids: new Entries(
      mapped(view.sessionExpiries(), ([atMs, sessions]) => [String(atMs), sessions] as const),
    ),
    session_id_to_ephemeral_paths: new Entries(
      mapped(BigInt64Array.from(view.ephemeralOwners()) as Iterable<SessionId>, (session) => [
        String(session),
        Array.from(view.ephemeralsOf(session)),
      ]),
    ),
  };
}

function* digests(view: ServerView): Generator<Fields> {
  for (const { zxid, digest } of Array.from(view.digests()))
    yield { zxid, digest: BigInt.asIntN(64, digest), digest_version: 2 };
}

function* watchedPaths({ watches }: ServerView): Generator<readonly [string, Iterable<string>]> {
  for (const [session, paths] of watches.bySession()) yield [String(session), paths];
}

function lastSnapshot({ lastSnapshot }: ServerView): Fields {
  return {
    zxid: lastSnapshot === null ? '-1' : lastSnapshot.zxid.toString(16),
    timestamp: lastSnapshot?.writtenAtS ?? -1,
  };
}

function leader({ membership, leading, leaderId }: ServerView): Fields {
  if (membership === null) return { error: 'server is not initialized' };
  const member = [...membership.members.values()].find(({ id }) => id === leaderId);
  return {
    is_leader: leading !== null,
    leader_id: leaderId ?? 0,
    leader_ip: member?.quorum.host ?? '',
  };
}

function monitor(view: ServerView): Fields {
  const figures = monitorFigures(view).map(({ name, value, isDouble }) => [
    name,
    isDouble === true ? new Double(value) : value,
  ]);
  const summaries = [...view.stats.summaries].flatMap(([name, summary]) => [
    [`avg_${name}`, new Double(summary.average)],
    [`min_${name}`, summary.min],
    [`max_${name}`, summary.max],
    [`cnt_${name}`, summary.count],
    [`sum_${name}`, summary.sum],
    ...(summary.hasPercentiles
      ? Object.entries({ p50: 0.5, p95: 0.95, p99: 0.99, p999: 0.999 }).map(([key, fraction]) => [
          `${key}_${name}`,
          summary.percentile(fraction),
        ])
      : []),
  ]);
  return Object.fromEntries([...monitorStates(view), ...figures, ...summaries]) as Fields;
}

function observerFields(observer: ObserverView): Fields {
  return {
    remote_socket_address: `/${javaAddressText(observer.remoteAddress)}:${observer.remotePort}`,
    sid: observer.id,
    established: observer.establishedMs,
    queued_packets: observer.queued,
    queued_packets_size: observer.queuedBytes,
    packets_received: observer.received,
    packets_sent: observer.sent,
    requests: observer.requests,
    last_zxid: observer.lastZxid,
  };
}

function serverStats(view: ServerView): Fields {
  const { stats, leading } = view;
  const sizes = {
    last_buffer_size: stats.lastResponseSize,
    min_buffer_size: stats.minResponseSize,
    max_buffer_size: stats.maxResponseSize,
  };
  return {
    version: view.config.versionLine,
    read_only: view.serverState === 'read-only',
    server_stats: {
      packets_sent: stats.packetsSent,
      packets_received: stats.packetsReceived,
      fsync_threshold_exceed_count: stats.slowFlushCount,
      client_response_stats: sizes,
      uptime: Math.floor(view.uptimeMs),
      data_dir_size: view.dataDirSize(),
      log_dir_size: view.logDirSize(),
      provider_null: false,
      server_state: view.serverState,
      last_processed_zxid: view.lastProcessedZxid,
      outstanding_requests: view.outstandingRequests,
      avg_latency: new Double(stats.latency.average),
      max_latency: stats.latency.max,
      min_latency: stats.latency.min,
      num_alive_client_connections: view.connectionCount,
      auth_failed_count: stats.authFailedCount,
      non_mtlsremote_conn_count: 0,
      non_mtlslocal_conn_count: 0,
    },
    client_response: sizes,
    ...(leading === null
      ? {}
      : {
          proposal_stats: {
            last_buffer_size: leading.proposalSizes.last,
            min_buffer_size: leading.proposalSizes.min,
            max_buffer_size: leading.proposalSizes.max,
          },
        }),
    node_count: view.tree.znodeCount,
  };
}

function setTraceMask({ stats }: ServerView, query: URLSearchParams): Fields {
  const text = query.get('traceMask') ?? '';
  if (!/^-?\d{1,18}$/.test(text))
    return { error: 'setTraceMask requires long traceMask argument', tracemask: stats.traceMask };
  stats.traceMask = BigInt(text);
  return { tracemask: stats.traceMask };
}

function votingView({ membership }: ServerView): Fields {
  const voters = [...(membership?.members.values() ?? [])].filter(({ role }) => role === 'participant');
  return {
    current_config: Object.fromEntries(
      voters.map((member) => [
        String(member.id),
        {
          server_addresses: [`${member.quorum.host}:${member.quorum.port}`],
          election_addresses: [`${member.election.host}:${member.election.port}`],
          client_address: member.client === null ? '' : `${member.client.host}:${member.client.port}`,
          learner_type: 'PARTICIPANT',
        },
      ]),
    ),
  };
}

function zabState(view: ServerView): Fields {
  const { membership, peerState, lastProcessedZxid: zxid } = view;
  if (membership === null || peerState === null) return { voting: false, zabstate: '' };
  const [, phase = 'election'] = peerState.split(' - ');
  return {
    voting: membership.verifier.voters.has(view.serverId as ServerId),
    last_zxid: `0x${zxid.toString(16)}`,
    zab_epoch: epochOf(zxid),
    zab_counter: counterOf(zxid),
    zabstate: phase,
  };
}

function* filtered<T>(items: Iterable<T>, holds: (item: T) => boolean): Generator<T> {
  for (const item of items) if (holds(item)) yield item;
}

function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): Generator<U> {
  for (const item of items) yield change(item);
}
