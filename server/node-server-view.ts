import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerStats } from './admin/server-stats.ts';
import type { ConnectionView, ServerView } from './admin/server-view.ts';
import type { ServerConfig } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { ClientConnection } from './pipeline/client-connection.ts';
import type { ServerCore } from './pipeline/server-core.ts';

/** What operators see of a running standalone server: read from the core when somebody asks. */
export function viewServer(options: {
  readonly config: ServerConfig;
  readonly core: ServerCore;
  readonly stats: ServerStats;
  readonly directory: DataDirectory;
  readonly startedAtMs: number;
  readonly clientPort: () => number;
}): ServerView {
  const { config, core, stats, directory } = options;
  return {
    config,
    stats,
    isServing: true,
    serverState: 'standalone',
    serverId: 0,
    snapDir: directory.snapDir,
    logDir: directory.logDir,
    localSessionCount: 0,
    get clientPort() {
      return options.clientPort();
    },
    get lastProcessedZxid() {
      return core.tree.lastProcessedZxid;
    },
    get outstandingRequests() {
      return core.outstanding;
    },
    get uptimeMs() {
      return core.nowMs - options.startedAtMs;
    },
    get tree() {
      return {
        znodeCount: core.tree.nodeCount,
        watchCount: core.tree.watchCount,
        ephemeralsCount: core.tree.ephemeralCount,
        approximateDataSize: core.tree.approximateDataSize,
      };
    },
    get globalSessionCount() {
      return core.sessions.count;
    },
    get connectionCount() {
      return core.connections.size;
    },
    *connections() {
      for (const connection of core.connections) yield viewConnection(connection);
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
