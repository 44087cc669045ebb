import { performance } from 'node:perf_hooks';
import { answerFourLetterWord, fourLetterWord, TELNET_CLOSE_COMMAND } from './admin/four-letter-words.ts';
import { ServerStats } from './admin/server-stats.ts';
import type { ServerView } from './admin/server-view.ts';
import { startAutoPurge } from './auto-purge.ts';
import { createAuthSchemes } from './auth/auth-schemes.ts';
import type { Log } from './base/log.ts';
import type { Clock } from './base/ports.ts';
import { Prng } from './base/prng.ts';
import type { SessionId } from './base/session-id.ts';
import type { ConfigError } from './config-error.ts';
import { problemAt } from './config-settings.ts';
import type { ServerConfig } from './config.ts';
import { prepareDataDirectory, type DataDirectory } from './data-directory.ts';
import { ClientListener } from './net/client-listener.ts';
import { NodeDisk } from './net/node-disk.ts';
import { viewServer } from './node-server-view.ts';
import { ClientConnection } from './pipeline/client-connection.ts';
import { describeMismatches, openDatabase, type Database } from './pipeline/database.ts';
import { ServerCore } from './pipeline/server-core.ts';
import { SnapshotTrigger } from './pipeline/snapshot-trigger.ts';
import { Snapshotter } from './pipeline/snapshotter.ts';
import { runScript, type DiskScript } from './storage/disk-script.ts';
import type { Disk } from './storage/disk.ts';
import { GroupCommit } from './storage/group-commit.ts';
import { describeRecovery } from './storage/recovery.ts';

import type { StorageError } from './storage/storage-error.ts';
import { AccessControl } from './tree/acl.ts';

const CLOCK: Clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

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

interface ShellOptions extends StartOptions {
  readonly directory: DataDirectory;
  readonly disk: Disk;
  readonly database: Database;
  readonly listener: ClientListener;
}

/**
 * Starts a standalone server. It has its port before it touches the data, which may be another server's.
 * Rejects with ConfigError, StorageError or the system's error for the port.
 */
export async function startServer(config: ServerConfig, options: StartOptions): Promise<RunningServer> {
  if (config.ensemble !== null) throw ensemblesNotSupported(config);
  const directory = prepareDataDirectory(config);
  const disk = new NodeDisk();
  const listener = createListener(config, options.log);
  await listener.listen();
  try {
    const database = await recoverDatabase(config, { directory, disk, log: options.log });
    const server = new StandaloneServer(config, { ...options, directory, disk, database, listener });
    server.open();
    return server;
  } catch (error) {
    await listener.close();
    throw error;
  }
}

function ensemblesNotSupported(config: ServerConfig): ConfigError {
  return problemAt(config.file, {
    code: 'UNSUPPORTED',
    expected: `not yet supported: ensembles (of ${config.ensemble?.membership.members.size})`,
    advice: 'run a single server: at most one server.N line, standaloneEnabled=true',
  });
}

function createListener(config: ServerConfig, log: Log): ClientListener {
  return new ClientListener({
    host: config.clientPortAddress,
    port: config.clientPort,
    backlog: config.clientPortListenBacklog,
    perAddressMax: config.maxClientCnxns,
    totalMax: config.maxCnxns,
    onRefused: (address, reason) => log.warn('ClientListener', `refused ${address}: ${reason}`),
  });
}

async function recoverDatabase(
  config: ServerConfig,
  { directory, disk, log }: { directory: DataDirectory; disk: Disk; log: Log },
): Promise<Database> {
  const database = await run(
    disk,
    openDatabase({
      snapDir: directory.snapDir,
      logDir: directory.logDir,
      txnSizeMax: txnSizeMaxOf(config),
      trustEmptySnapshot: config.snapshotTrustEmpty,
      digestEnabled: config.digestEnabled,
      tickMs: config.tickTimeMs,
      nowMs: CLOCK.monotonicMs(),
    }),
  );
  const { tree, sessions, recovery, digestMismatches } = database;
  log.info('Server', `${describeRecovery(recovery)}; ${tree.nodeCount} nodes, ${sessions.count} sessions`);
  for (const { path, why } of recovery.skipped) log.warn('Server', `${path} could not be used: ${why}`);
  for (const torn of recovery.torn) {
    log.warn('Server', `${torn.path}: ${torn.bytesLost} bytes that were never acknowledged, removed`);
  }
  if (digestMismatches.length > 0) log.warn('Server', describeMismatches(digestMismatches));
  return database;
}

/** The real shell: binds the core's ports to files, sockets and timers, and decides nothing. */
class StandaloneServer implements RunningServer {
  readonly #config: ServerConfig;
  readonly #log: Log;
  readonly #commit: GroupCommit;
  readonly #snapshotter: Snapshotter;
  readonly #core: ServerCore;
  readonly #listener: ClientListener;
  readonly #view: ServerView;
  /** What runs beside the requests and must be ended. */
  readonly #stops: (() => void)[] = [];
  readonly #disk: Disk;
  readonly #directory: DataDirectory;

  constructor(config: ServerConfig, options: ShellOptions) {
    const { directory, disk, database } = options;
    const stats = new ServerStats();
    this.#config = config;
    this.#log = options.log;
    this.#disk = disk;
    this.#directory = directory;
    this.#commit = new GroupCommit({
      disk,
      directory: directory.logDir,
      lastDurable: database.tree.lastProcessedZxid,
      txnSizeMax: txnSizeMaxOf(config),
      preallocateBytes: config.preAllocSizeBytes,
      forceSync: config.forceSync,
      onDurable: (upTo) => this.#core.onDurable(upTo),
      onFailure: options.onFailure,
    });
    this.#snapshotter = new Snapshotter({
      ...database,
      disk,
      directory: directory.snapDir,
      trigger: new SnapshotTrigger({
        snapCount: config.snapCount,
        snapSizeBytes: config.snapSizeLimitBytes,
        replayedTxns: database.recovery.txnCount,
        random: new Prng(CLOCK.wallMs()),
      }),
      log: this.#commit,
      logger: options.log,
    });
    this.#core = this.#createCore(database, stats);
    this.#listener = options.listener;
    this.#view = viewServer({
      config,
      core: this.#core,
      stats,
      directory,
      startedAtMs: CLOCK.monotonicMs(),
      clientPort: () => this.#listener.port,
    });
  }

  get clientPort(): number {
    return this.#listener.port;
  }

  /** Serves clients from now on. */
  open(): void {
    this.#listener.open((socket) => {
      const connection = new ClientConnection(this.#core, socket);
      this.#core.onConnectionOpened(connection);
      return connection;
    });
    this.#log.info('ClientListener', `binding to port ${this.#config.clientPortAddress}:${this.clientPort}`);
    const ticker = setInterval(() => this.#core.onTick(), this.#config.tickTimeMs);
    const reaper = setInterval(
      () => this.#core.reap(this.#config.containerMaxPerMinute),
      this.#config.containerCheckIntervalMs,
    );
    this.#stops.push(
      () => clearInterval(ticker),
      () => clearInterval(reaper),
      startAutoPurge({
        disk: this.#disk,
        directories: { snapshots: this.#directory.snapDir, logs: this.#directory.logDir },
        retainCount: this.#config.autopurgeSnapRetainCount,
        intervalHours: this.#config.autopurgePurgeIntervalHours,
        log: this.#log,
      }),
    );
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#listener.close();
    await new Promise<void>((resolve) => this.#commit.stop(resolve));
  }

  #createCore({ tree, sessions }: Database, stats: ServerStats): ServerCore {
    const config = this.#config;
    const auth = createAuthSchemes(config);
    return new ServerCore({
      tree,
      sessions,
      access: new AccessControl({ providers: auth.providers, skipAcl: config.skipAcl }),
      authenticator: auth,
      log: this.#commit,
      clock: CLOCK,
      scheduleEndOfTurn: () => setImmediate(() => this.#core.endTurn()),
      fourLetterWord: (firstInt) => this.#answerWord(firstInt),
      counters: stats,
      onBadBytes: (connection, error) => {
        this.#log.warn('ClientConnection', `${connection.socket.remoteAddress}: ${error.message}; closed`);
      },
      onApplied: () => this.#snapshotter.onApplied(),
      digestEnabled: config.digestEnabled,
      extendedTypesEnabled: config.extendedTypesEnabled,
      frameBytesMax: config.juteMaxBufferBytes,
      minSessionTimeoutMs: config.minSessionTimeoutMs,
      maxSessionTimeoutMs: config.maxSessionTimeoutMs,
      sessionlessTimeoutMs: config.sessionlessTimeoutMs,
      firstSessionId: firstSessionId(CLOCK.wallMs()),
    });
  }

  #answerWord(firstInt: number): Uint8Array | null {
    if (firstInt >>> 0 === TELNET_CLOSE_COMMAND) return new Uint8Array(0);
    const word = fourLetterWord(firstInt);
    if (word === null) return null;
    // Apache counts words among the packets: the answer shows its own question, but not itself.
    const { stats } = this.#view;
    stats.packetsReceived++;
    const answer = new TextEncoder().encode(answerFourLetterWord(word, this.#view));
    stats.packetsSent++;
    return answer;
  }
}

/** What a log reader takes: `jute.maxbuffer` and as much again of extra size (protocol §1.1). */
function txnSizeMaxOf(config: ServerConfig): number {
  return 2 * config.juteMaxBufferBytes;
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
