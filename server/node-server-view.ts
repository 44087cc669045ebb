import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerStats } from './admin/server-stats.ts';
import { operationName } from './admin/operation-names.ts';
import type {
  ConnectionView,
  LeadingView,
  ObserverView,
  ServerState,
  ServerView,
  SessionView,
  TreeCounts,
  WatchesView,
} from './admin/server-view.ts';
import type { ObservedRole } from './base/observer.ts';
import type { Clock } from './base/ports.ts';
import type { ServerId } from './base/server-id.ts';
import { NO_SESSION, type SessionId } from './base/session-id.ts';
import { ZXID_ZERO, type Zxid } from './base/zxid.ts';
import type { ServerConfig } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { EnsembleServer } from './ensemble/ensemble-server.ts';
import type { LocalReplica } from './ensemble/local-replica.ts';
import type { StandaloneServer } from './ensemble/standalone-server.ts';
import { ClientConnection } from './pipeline/client-connection.ts';
import type { ServerCore } from './pipeline/server-core.ts';
import type { LoggedDigest } from './tree/digest-log.ts';
import type { Watcher } from './tree/watch-manager.ts';
import { isSynchronised, type Leader } from './zab/leader.ts';
import type { LearnerLink } from './zab/learner-link.ts';
import type { Membership } from './zab/membership.ts';

/** What there is to see of a server's core, whatever its role. */
export interface CoreSight {
  /** Null while nobody is served. */
  readonly core: ServerCore | null;
  readonly serverState: ServerState;
  readonly serverId: number;
  readonly replica: LocalReplica;
  /** Of the ensemble; null on a server that stands alone. */
  readonly peer: EnsembleServer | null;
}

export function standaloneSight(server: StandaloneServer): CoreSight {
  return {
    serverState: 'standalone',
    serverId: 0,
    replica: server.replica,
    peer: null,
    get core() {
      return server.isServing ? server.core : null;
    },
  };
}

export function ensembleSight(server: EnsembleServer, serverId: ServerId): CoreSight {
  return {
    serverId,
    replica: server.replica,
    peer: server,
    get core() {
      return server.core;
    },
    get serverState() {
      return server.core?.isReadOnly === true ? 'read-only' : SERVER_STATES[server.role];
    },
  };
}

/** Of a server that looks for a leader nobody is told more than that it does not serve. */
const SERVER_STATES: Readonly<Record<ObservedRole, ServerState>> = {
  looking: 'follower',
  following: 'follower',
  leading: 'leader',
  observing: 'observer',
};

const NO_TREE: TreeCounts = { znodeCount: 0, watchCount: 0, ephemeralsCount: 0, approximateDataSize: 0 };

export interface ServerViewOptions {
  readonly config: ServerConfig;
  readonly sight: CoreSight;
  readonly stats: ServerStats;
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly uptimeMs: () => number;
  readonly clientPort: () => number;
}

/** What operators see of a running server: read from the core when somebody asks. */
export class NodeServerView implements ServerView {
  readonly config: ServerConfig;
  readonly stats: ServerStats;
  readonly serverId: number;
  readonly snapDir: string;
  readonly logDir: string;
  readonly fileDescriptors = fileDescriptors;
  readonly #options: ServerViewOptions;
  readonly #sight: CoreSight;
  readonly #clock: Clock;

  constructor(options: ServerViewOptions) {
    this.config = options.config;
    this.stats = options.stats;
    this.serverId = options.sight.serverId;
    this.snapDir = options.directory.snapDir;
    this.logDir = options.directory.logDir;
    this.#options = options;
    this.#sight = options.sight;
    this.#clock = options.clock;
  }

  get isServing(): boolean {
    return this.#sight.core !== null;
  }

  get serverState(): ServerState {
    return this.#sight.serverState;
  }

  get clientPort(): number {
    return this.#options.clientPort();
  }

  get lastProcessedZxid(): Zxid {
    const { replica } = this.#sight;
    return replica.isOpen ? replica.lastApplied : ZXID_ZERO;
  }

  get leaderId(): number | null {
    const { peer } = this.#sight;
    return peer === null || peer.role === 'looking' ? null : peer.vote.leader;
  }

  get lastSnapshot(): ServerView['lastSnapshot'] {
    return newestSnapshotIn(this.snapDir);
  }

  get outstandingRequests(): number {
    return this.#sight.core?.outstanding ?? 0;
  }

  get uptimeMs(): number {
    return this.#options.uptimeMs();
  }

  get tree(): TreeCounts {
    const { core } = this.#sight;
    if (core === null) return NO_TREE;
    return {
      znodeCount: core.tree.nodeCount,
      watchCount: core.tree.watchCount,
      ephemeralsCount: core.tree.ephemeralCount,
      approximateDataSize: core.tree.approximateDataSize,
    };
  }

  get globalSessionCount(): number {
    const { core, replica } = this.#sight;
    return core === null ? 0 : replica.sessions.count;
  }

  get localSessionCount(): number {
    const { core } = this.#sight;
    return core?.isReadOnly === true ? core.sessions.count : 0;
  }

  get connectionCount(): number {
    return this.#sight.core?.connections.size ?? 0;
  }

  get watches(): WatchesView {
    return viewWatches(this.#sight.core);
  }

  get leading(): LeadingView | null {
    const { peer } = this.#sight;
    if (peer === null || peer.leader === null) return null;
    return viewLeader(peer.leader, peer.membership, this.#clock);
  }

  get membership(): Membership | null {
    return this.#sight.peer?.membership ?? null;
  }

  get peerState(): string | null {
    const { peer } = this.#sight;
    return peer === null ? null : `${peer.role}${phaseOf(peer)}`;
  }

  *connections(): Iterable<ConnectionView> {
    const connections = this.#sight.core?.connections;
    if (connections === undefined) return;
    for (const connection of Array.from(connections)) {
      if (connections.has(connection)) yield viewConnection(connection, this.#clock);
    }
  }

  sessions(): Iterable<SessionId> {
    const { core, replica } = this.#sight;
    return core === null ? [] : replica.sessions.ids();
  }

  sessionTimeoutMs(session: SessionId): number {
    const { core, replica } = this.#sight;
    return core === null ? 0 : replica.sessions.timeoutOf(session);
  }

  sessionExpiries(): Iterable<readonly [number, readonly SessionId[]]> {
    return this.#sight.core?.sessions.expiries() ?? [];
  }

  ephemeralOwners(): Iterable<SessionId> {
    return this.#sight.core?.tree.ephemeralOwners() ?? [];
  }

  ephemeralsOf(session: SessionId): Iterable<string> {
    return this.#sight.core?.tree.ephemeralsOf(session) ?? [];
  }

  digests(): Iterable<LoggedDigest> {
    return this.#sight.core?.tree.digestLog.entries() ?? [];
  }

  wallMsOf(monotonicMs: number): number {
    return this.#clock.wallMs() + monotonicMs - this.#clock.monotonicMs();
  }

  dataDirSize(): number {
    return directorySize(this.snapDir);
  }

  logDirSize(): number {
    return directorySize(this.logDir);
  }
}

function viewConnection(connection: ClientConnection, clock: Clock): ConnectionView {
  const { socket, stats } = connection;
  return {
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    isSecure: socket.certificateSubject !== undefined,
    queued: connection.outstanding,
    received: stats.received,
    sent: stats.sent,
    interestOps: (connection.isPaused ? 0 : 1) + (socket.queuedBytes > 0 ? 4 : 0),
    lastHeardMs: connection.lastHeardAtMs,
    session: connection.hasSession ? viewSession(connection, clock) : null,
    resetStats: () => stats.reset(),
  };
}

function viewSession(connection: ClientConnection, clock: Clock): SessionView {
  const { stats } = connection;
  return {
    sessionId: connection.session,
    lastOperation: operationName(stats.lastOpcode),
    establishedMs: Math.floor(clock.wallMs() - (clock.monotonicMs() - connection.openedAtMs)),
    timeoutMs: connection.sessionTimeoutMs,
    lastCxid: stats.lastCxid,
    lastZxid: stats.lastZxid,
    lastResponseMs: Math.floor(stats.lastResponseAtMs),
    lastLatencyMs: stats.lastLatencyMs,
    minLatencyMs: stats.minLatencyMs,
    averageLatencyMs: stats.averageLatencyMs,
    maxLatencyMs: stats.maxLatencyMs,
  };
}

/** Every watcher is the connection of a client. */
function viewWatches(core: ServerCore | null): WatchesView {
  const watches = core?.tree.dataWatches;
  return {
    watcherCount: watches?.watcherCount ?? 0,
    pathCount: watches?.pathCount ?? 0,
    count: watches?.count ?? 0,
    *byPath() {
      for (const [path, watchers] of watches?.paths() ?? []) yield [path, sessionsOf(watchers)];
    },
    *bySession() {
      for (const [watcher, paths] of watches?.watchers() ?? []) yield [sessionOf(watcher), paths];
    },
  };
}

function* sessionsOf(watchers: Iterable<Watcher>): Iterable<SessionId> {
  for (const watcher of watchers) yield sessionOf(watcher);
}

function sessionOf(watcher: Watcher): SessionId {
  return watcher instanceof ClientConnection ? watcher.session : NO_SESSION;
}

function viewLeader(leader: Leader, { verifier }: Membership, clock: Clock): LeadingView {
  const known = [...leader.learners].filter(({ isKnown }) => isKnown);
  const synced = known.filter(isSynchronised);
  const followers = synced.filter(({ isObserver }) => !isObserver);
  return {
    proposalSizes: leader.proposalSizes,
    learnerCount: known.length,
    syncedFollowerCount: followers.filter(({ id }) => verifier.voters.has(id)).length,
    syncedNonVoterCount: followers.filter(({ id }) => !verifier.voters.has(id)).length,
    syncedObserverCount: synced.filter(({ isObserver }) => isObserver).length,
    observers: synced.filter(({ isObserver }) => isObserver).map((link) => viewObserver(link, clock)),
    pendingSyncCount: known.reduce((sum, { pendingSyncs }) => sum + pendingSyncs, 0),
    leadingForMs: clock.monotonicMs() - leader.startedAtMs,
  };
}

function viewObserver(link: LearnerLink, clock: Clock): ObserverView {
  const { id, remoteAddress, remotePort, backlogBytes, stats } = link;
  const { openedAtMs, queued, received, sent, requests, lastZxid } = stats;
  const establishedMs = Math.floor(clock.wallMs() - (clock.monotonicMs() - openedAtMs));
  const resetStats = (): void => stats.reset();
  return {
    id,
    remoteAddress,
    remotePort,
    establishedMs,
    queued,
    queuedBytes: backlogBytes,
    received,
    sent,
    requests,
    lastZxid,
    resetStats,
  };
}

/** Behind the role; nothing while there is none. */
function phaseOf({ role, leader, core }: EnsembleServer): string {
  if (role === 'looking') return '';
  if (leader === null) return core === null ? ' - synchronization' : ' - broadcast';
  return ` - ${leader.phase === 'synchronisation' ? 'synchronization' : leader.phase}`;
}

function newestSnapshotIn(directory: string): ServerView['lastSnapshot'] {
  let newest: { readonly name: string; readonly zxid: Zxid } | null = null;
  for (const name of namesIn(directory)) {
    const hex = /^snapshot\.([0-9a-f]{1,16})$/.exec(name)?.[1];
    const zxid = hex === undefined ? null : (Number.parseInt(hex, 16) as Zxid);
    if (zxid !== null && (newest === null || zxid > newest.zxid)) newest = { name, zxid };
  }
  if (newest === null) return null;
  const { name, zxid } = newest;
  const written = statSync(join(directory, name), { throwIfNoEntry: false });
  return written === undefined ? null : { zxid, writtenAtS: Math.floor(written.mtimeMs / 1000) };
}

function directorySize(directory: string): number {
  let bytes = 0;
  for (const name of namesIn(directory)) {
    bytes += statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** None of a directory that cannot be read, as in Apache: who only looks does not end a server that has no descriptor left. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function fileDescriptors(): { open: number; max: number } | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const max = Number(/Max open files\s+(\d+)/.exec(limits)?.[1] ?? Number.NaN);
    return { open: readdirSync('/proc/self/fd').length, max };
  } catch {
    // Only Linux has /proc.
    return null;
  }
}
