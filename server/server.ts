import { performance } from 'node:perf_hooks';
import { answerFourLetterWord, fourLetterWord, TELNET_CLOSE_COMMAND } from './admin/four-letter-words.ts';
import { ServerStats } from './admin/server-stats.ts';
import { createAuthSchemes } from './auth/auth-schemes.ts';
import type { Log } from './base/log.ts';
import { Prng } from './base/prng.ts';
import type { SessionId } from './base/session-id.ts';
import type { ServerConfig } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { ClientListener } from './net/client-listener.ts';
import { NodeDisk } from './net/node-disk.ts';
import { viewServer } from './node-server-view.ts';
import { ClientConnection } from './pipeline/client-connection.ts';
import { describeMismatches, openDatabase } from './pipeline/database.ts';
import { ServerCore } from './pipeline/server-core.ts';
import { SnapshotTrigger } from './pipeline/snapshot-trigger.ts';
import { Snapshotter } from './pipeline/snapshotter.ts';
import { runScript, type DiskScript } from './storage/disk-script.ts';
import type { Disk } from './storage/disk.ts';
import { GroupCommit } from './storage/group-commit.ts';
import { describeRecovery } from './storage/recovery.ts';

import type { StorageError } from './storage/storage-error.ts';
import { AccessControl } from './tree/acl.ts';

/** A standalone server's id in the top byte of its session ids (protocol §1.3). */
const STANDALONE_ID = 1n;

export interface RunningServer {
  /** The port that is bound. */
  readonly clientPort: number;
  /** Serves nobody any more, makes durable what was accepted, closes the files. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log: Log;
  /**
   * The transaction log failed: nothing more can be acknowledged, and nothing is. The process must end; what
   * it was not told to be durable may or may not be (B34).
   */
  readonly onFailure: (error: StorageError) => void;
}

/**
 * The real shell of a standalone server: binds the core's ports to files, sockets and timers, in the order in
 * which one thing must be there before the next. Rejects with ConfigError, StorageError or the system's error
 * for the port.
 */
export async function startServer(config: ServerConfig, options: StartOptions): Promise<RunningServer> {
  const { log } = options;
  const directory = prepareDataDirectory(config);
  const disk = new NodeDisk();
  const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
  const { snapDir, logDir } = directory;

  const txnSizeMax = 2 * config.juteMaxBufferBytes;
  const { tree, sessions, recovery, digestMismatches } = await run(
    disk,
    openDatabase({
      snapDir,
      logDir,
      txnSizeMax,
      trustEmptySnapshot: config.snapshotTrustEmpty,
      digestEnabled: config.digestEnabled,
      tickMs: config.tickTimeMs,
      nowMs: clock.monotonicMs(),
    }),
  );
  log.info('Server', `${describeRecovery(recovery)}; ${tree.nodeCount} nodes, ${sessions.count} sessions`);
  for (const { path, why } of recovery.skipped) log.warn('Server', `${path} could not be used: ${why}`);
  for (const torn of recovery.torn) {
    log.warn('Server', `${torn.path}: ${torn.bytesLost} bytes that were never acknowledged, removed`);
  }
  if (digestMismatches.length > 0) log.warn('Server', describeMismatches(digestMismatches));

  const commit = new GroupCommit({
    disk,
    directory: logDir,
    lastDurable: tree.lastProcessedZxid,
    txnSizeMax,
    preallocateBytes: config.preAllocSizeBytes,
    forceSync: config.forceSync,
    onDurable: (upTo) => core.onDurable(upTo),
    onFailure: options.onFailure,
  });
  const snapshotter = new Snapshotter({
    disk,
    directory: snapDir,
    tree,
    sessions,
    trigger: new SnapshotTrigger({
      snapCount: config.snapCount,
      snapSizeBytes: config.snapSizeLimitBytes,
      random: new Prng(Date.now()),
    }),
    log: commit,
    logger: log,
  });

  const stats = new ServerStats();
  const auth = createAuthSchemes(config);
  const core: ServerCore = new ServerCore({
    tree,
    sessions,
    access: new AccessControl({ providers: auth.providers, skipAcl: config.skipAcl }),
    authenticator: auth,
    log: commit,
    clock,
    scheduleEndOfTurn: () => setImmediate(() => core.endTurn()),
    fourLetterWord: (firstInt) => answerWord(firstInt),
    counters: stats,
    onBadBytes: (connection, error) => {
      log.warn('ClientConnection', `${connection.socket.remoteAddress}: ${error.message}; closed`);
    },
    onApplied: () => snapshotter.onApplied(),
    digestEnabled: config.digestEnabled,
    frameBytesMax: config.juteMaxBufferBytes,
    minSessionTimeoutMs: config.minSessionTimeoutMs,
    maxSessionTimeoutMs: config.maxSessionTimeoutMs,
    sessionlessTimeoutMs: config.sessionlessTimeoutMs,
    firstSessionId: firstSessionId(clock.wallMs()),
  });

  const listener = new ClientListener({
    host: config.clientPortAddress,
    port: config.clientPort,
    backlog: config.clientPortListenBacklog,
    perAddressMax: config.maxClientCnxns,
    totalMax: config.maxCnxns,
    accept: (socket) => {
      const connection = new ClientConnection(core, socket);
      core.onConnectionOpened(connection);
      return connection;
    },
    onRefused: (address, reason) => log.warn('ClientListener', `refused ${address}: ${reason}`),
  });
  const view = viewServer({
    config,
    core,
    stats,
    directory,
    startedAtMs: clock.monotonicMs(),
    clientPort: () => listener.port,
  });
  const answerWord = (firstInt: number): Uint8Array | null => {
    if (firstInt >>> 0 === TELNET_CLOSE_COMMAND) return new Uint8Array(0);
    const word = fourLetterWord(firstInt);
    return word === null ? null : new TextEncoder().encode(answerFourLetterWord(word, view));
  };

  await listener.listen();
  log.info('ClientListener', `binding to port ${config.clientPortAddress}:${listener.port}`);
  const timer = setInterval(() => core.onTick(), config.tickTimeMs);

  return {
    clientPort: listener.port,
    async stop() {
      clearInterval(timer);
      await listener.close();
      await new Promise<void>((resolve) => commit.stop(resolve));
    },
  };
}

/** Ids count up from a clock in the middle bytes, so that a restarted server does not hand out old ones (trap 22). */
function firstSessionId(wallMs: number): SessionId {
  const clockBits = (BigInt(wallMs) << 24n) & ((1n << 64n) - 1n);
  return BigInt.asIntN(64, (STANDALONE_ID << 56n) | (clockBits >> 8n)) as SessionId;
}

function run<T>(disk: Disk, script: DiskScript<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    runScript(disk, script, (error, result) => {
      if (error === null) resolve(result as T);
      else reject(error);
    });
  });
}
