import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerStats } from './admin/server-stats.ts';
import type { ConnectionView, ServerState, ServerView, TreeCounts } from './admin/server-view.ts';
import type { ObservedRole } from './base/observer.ts';
import type { ServerId } from './base/server-id.ts';
import { ZXID_ZERO } from './base/zxid.ts';
import type { ServerConfig } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { EnsembleServer } from './ensemble/ensemble-server.ts';
import type { LocalReplica } from './ensemble/local-replica.ts';
import type { StandaloneServer } from './ensemble/standalone-server.ts';
import type { ClientConnection } from './pipeline/client-connection.ts';
import type { ServerCore } from './pipeline/server-core.ts';

/** What there is to see of a server's core, whatever its role. */
export interface CoreSight {
  /** Null while nobody is served. */
  readonly core: ServerCore | null;
  readonly serverState: ServerState;
  readonly serverId: number;
  readonly replica: LocalReplica;
}

export function standaloneSight(server: StandaloneServer): CoreSight {
  return {
    serverState: 'standalone',
    serverId: 0,
    replica: server.replica,
    get core() {
      return server.core;
    },
  };
}

export function ensembleSight(server: EnsembleServer, serverId: ServerId): CoreSight {
  return {
    serverId,
    replica: server.replica,
    get core() {
      return server.core;
    },
    get serverState() {
      return SERVER_STATES[server.role];
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

/** What operators see of a running server: read from the core when somebody asks. */
export function viewServer(options: {
  readonly config: ServerConfig;
  readonly sight: CoreSight;
  readonly stats: ServerStats;
  readonly directory: DataDirectory;
  readonly uptimeMs: () => number;
  readonly clientPort: () => number;
}): ServerView {
  const { config, sight, stats, directory } = options;
  return {
    config,
    stats,
    get isServing() {
      return sight.core !== null;
    },
    get serverState() {
      return sight.serverState;
    },
    serverId: sight.serverId,
    snapDir: directory.snapDir,
    logDir: directory.logDir,
    localSessionCount: 0,
    get clientPort() {
      return options.clientPort();
    },
    get lastProcessedZxid() {
      return sight.replica.isOpen ? sight.replica.lastApplied : ZXID_ZERO;
    },
    get outstandingRequests() {
      return sight.core?.outstanding ?? 0;
    },
    get uptimeMs() {
      return options.uptimeMs();
    },
    get tree() {
      const { core } = sight;
      if (core === null) return NO_TREE;
      return {
        znodeCount: core.tree.nodeCount,
        watchCount: core.tree.watchCount,
        ephemeralsCount: core.tree.ephemeralCount,
        approximateDataSize: core.tree.approximateDataSize,
      };
    },
    get globalSessionCount() {
      return sight.core?.sessions.count ?? 0;
    },
    get connectionCount() {
      return sight.core?.connections.size ?? 0;
    },
    *connections() {
      for (const connection of sight.core?.connections ?? []) yield viewConnection(connection);
    },
    dataDirSize: () => directorySize(directory.snapDir),
    logDirSize: () => directorySize(directory.logDir),
    fileDescriptors,
  };
}

function viewConnection(connection: ClientConnection): ConnectionView {
  return {
    remoteAddress: connection.socket.remoteAddress,
    remotePort: connection.socket.remotePort,
    queued: connection.outstanding,
    received: connection.received,
    sent: connection.sent,
    interestOps: (connection.isPaused ? 0 : 1) + (connection.socket.queuedBytes > 0 ? 4 : 0),
    session: null,
    resetStats: () => connection.resetStats(),
  };
}

function directorySize(directory: string): number {
  let bytes = 0;
  for (const name of readdirSync(directory)) {
    bytes += statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
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
