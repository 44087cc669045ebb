import { performance } from 'node:perf_hooks';
import {
  answerFourLetterWord,
  argumentBytesOf,
  fourLetterWord,
  TELNET_CLOSE_COMMAND,
} from './admin/four-letter-words.ts';
import { OperatorPorts } from './admin/http/operator-ports.ts';
import { ServerStats } from './admin/server-stats.ts';
import { piecesOf } from './admin/word-pieces.ts';
import type { ServerView } from './admin/server-view.ts';
import { createPasswordOf } from './auth/session-secret.ts';
import { createAuthSchemes, type AuthSchemes } from './auth/auth-schemes.ts';
import type { DataKeeper } from './admin/http/data-commands.ts';
import { AuditLog } from './audit-log.ts';
import { startAutoPurge } from './auto-purge.ts';
import type { Log } from './base/log.ts';
import type { Accept, Clock, Endpoint } from './base/ports.ts';
import { Prng } from './base/prng.ts';
import type { ServerId } from './base/server-id.ts';
import { TokenBucket } from './base/token-bucket.ts';
import type { ServerConfig } from './config.ts';
import { prepareDataDirectory, refuseUnwritableConfig, type DataDirectory } from './data-directory.ts';
import { DataAccess } from './data-access.ts';
import { claimData } from './data-owner.ts';
import type { CoreConfig } from './ensemble/core-config.ts';
import { EnsembleServer } from './ensemble/ensemble-server.ts';
import type { LocalReplica } from './ensemble/local-replica.ts';
import { StandaloneServer } from './ensemble/standalone-server.ts';
import type { EnsembleSurroundings, Surroundings } from './ensemble/surroundings.ts';
import type { EnsembleConfig } from './ensemble-config.ts';
import { NodeDisk } from './net/node-disk.ts';
import { NODE_TIMERS } from './net/node-timers.ts';
import { MovingListener } from './net/moving-listener.ts';
import { StreamListener, type StreamListenerOptions } from './net/stream-listener.ts';
import type { JournalOptions } from './pipeline/request-journal.ts';
import type { AnswerWord } from './pipeline/server-core.ts';
import type { Membership } from './zab/membership.ts';
import { clientGates, peerTransport, type PeerTransport } from './transport.ts';
import { ensembleSight, NodeServerView, standaloneSight, type CoreSight } from './node-server-view.ts';

const CLOCK: Clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
const EVERY_ADDRESS = '0.0.0.0';
const BIND_RETRY_MS = 1000;

export interface RunningServer {
  /** The port that is bound. */
  readonly clientPort: number;
  /** The same of the port for TLS; null where there is none. */
  readonly secureClientPort: number | null;
  readonly sessionCount: number;
  /** Serves nobody any more, makes durable what was accepted, closes the files; nothing is written after it. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log: Log;
  /**
   * This server can't be relied on any more: nothing more is acknowledged. The process must end; what it was not
   * told to be durable may or may not be (B34).
   */
  readonly onFailure: (error: Error) => void;
}

/** What both kinds of server have. */
interface Core {
  readonly replica: LocalReplica;
  readonly onClientConnection: Accept;
  start(done: (error: Error | null) => void): void;
  endOfTurn(): void;
  stop(done: () => void): void;
}

/** A server, and how the shell gets at it. */
interface Bound {
  readonly core: Core;
  readonly sight: CoreSight;
  /** Null where it cannot be done. */
  readonly restore: DataKeeper['restore'];
}

/**
 * Starts a server: one that stands alone, or one of an ensemble. It has its ports before it touches the data,
 * which may be another server's. Rejects with ConfigError, StorageError or the system's error for a port.
 */
export async function startServer(config: ServerConfig, options: StartOptions): Promise<RunningServer> {
  const directory = prepareDataDirectory(config);
  if (config.ensemble !== null && config.reconfigEnabled) refuseUnwritableConfig(config);
  const shell = new Shell(config, directory, options);
  try {
    await shell.bind();
    await shell.start();
    return shell;
  } catch (error) {
    await shell.giveUp();
    throw error;
  }
}

/** Whoever is on these ports is a server of the ensemble, or is found out not to be. */
const PEER_LISTENER: Omit<StreamListenerOptions, 'host' | 'port'> = {
  backlog: -1,
  perAddressMax: 0,
  totalMax: 0,
  throttle: null,
  onRefused: () => undefined,
};

interface PeerPort {
  readonly key: 'election' | 'quorum';
  readonly listener: MovingListener;
  readonly accept: Accept;
}

/** The real shell: binds the core's ports to files, sockets and timers, and decides nothing. */
class Shell implements RunningServer {
  readonly #config: ServerConfig;
  readonly #directory: DataDirectory;
  readonly #log: Log;
  readonly #stats = new ServerStats();
  /** Null where nobody wants one. */
  readonly #audit: AuditLog | null;
  readonly #startedAtMs = CLOCK.monotonicMs();
  readonly #clients: MovingListener;
  /** For clients that speak TLS; null where there is no such port. */
  readonly #secureClients: StreamListener | null;
  /** The ports for other servers; empty on one that stands alone. */
  readonly #peers: PeerPort[] = [];
  readonly #auth: AuthSchemes;
  readonly #transport: PeerTransport;
  #members: Membership | null;
  readonly #core: Core;
  readonly #view: ServerView;
  readonly #operators: OperatorPorts;
  #stopPurging: () => void = () => undefined;

  constructor(config: ServerConfig, directory: DataDirectory, options: StartOptions) {
    this.#config = config;
    this.#directory = directory;
    this.#log = options.log;
    this.#auth = createAuthSchemes(config.auth);
    this.#audit =
      config.audit === null
        ? null
        : new AuditLog({ file: config.audit.file, configFile: config.file, log: options.log });
    const clients = {
      backlog: config.clientPortListenBacklog,
      perAddressMax: config.maxClientCnxns,
      totalMax: config.maxCnxns,
      throttle:
        config.connectionThrottle === null
          ? null
          : new TokenBucket(config.connectionThrottle, CLOCK.monotonicMs()),
      onRefused: (address: string, reason: string) =>
        this.#log.warn('ClientListener', `refused ${address}: ${reason}`),
    };
    const at = { host: config.clientPortAddress, port: config.clientPort };
    const nowMs = (): number => CLOCK.monotonicMs();
    const gates = clientGates(config, { log: this.#log, nowMs });
    this.#clients = new MovingListener(at, { ...clients, gate: gates.ordinary }, this.#log);
    this.#secureClients =
      config.secureClientAddress === null
        ? null
        : new StreamListener({ ...clients, ...config.secureClientAddress, gate: gates.secure });
    this.#members = config.ensemble?.membership ?? null;
    this.#transport = peerTransport(config, {
      log: this.#log,
      nowMs,
      timers: NODE_TIMERS,
      memberHosts: () => hostsOf(this.#members),
    });

    const core = { ...config, ...directory };
    const surroundings = this.#surroundings(options);
    const {
      core: server,
      sight,
      restore,
    } = config.ensemble === null
      ? this.#standalone(core, surroundings)
      : this.#ensemble(core, config.ensemble, surroundings);
    this.#core = server;
    this.#view = new NodeServerView({
      config,
      sight,
      stats: this.#stats,
      directory,
      clock: CLOCK,
      uptimeMs: () => CLOCK.monotonicMs() - this.#startedAtMs,
      clientPort: () => this.#clients.port,
    });
    this.#operators = new OperatorPorts(config.operators, {
      view: this.#view,
      log: this.#log,
      nowMs,
      accept: this.#core.onClientConnection,
      keeper: new DataAccess({ config, sight, directory, auth: this.#auth, restore }),
    });
  }

  get clientPort(): number {
    return this.#clients.port;
  }

  get secureClientPort(): number | null {
    return this.#secureClients?.port ?? null;
  }

  get sessionCount(): number {
    return this.#view.globalSessionCount;
  }

  async bind(): Promise<void> {
    await this.#clients.listen();
    await this.#secureClients?.listen();
    for (const { listener } of this.#peers) await this.#bindPeers(listener);
  }

  /** Recovers, then takes part, then lets clients in. */
  async start(): Promise<void> {
    const { ensemble } = this.#config;
    await this.#operators.open();
    if (ensemble !== null) claimData(this.#directory, ensemble.myId);
    await new Promise<void>((resolve, reject) => {
      this.#core.start((error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    for (const { listener, accept } of this.#peers) listener.open(accept);
    this.#clients.open(this.#core.onClientConnection);
    this.#secureClients?.open(this.#core.onClientConnection);
    this.#log.info('ClientListener', `binding to port ${this.#config.clientPortAddress}:${this.clientPort}`);
    this.#audit?.tellOfServer('serverStart', 'success');
    this.#stopPurging = startAutoPurge({
      purge: (done) => this.#core.replica.purge(this.#config.autopurgeSnapRetainCount, done),
      intervalHours: this.#config.autopurgePurgeIntervalHours,
      log: this.#log,
    });
  }

  async stop(): Promise<void> {
    this.#stopPurging();
    const stopped = new Promise<void>((resolve) => this.#core.stop(resolve));
    await this.close();
    await stopped;
    this.#audit?.tellOfServer('serverStop', 'invoked');
    this.#audit?.close();
  }

  /** It could not be started. */
  async giveUp(): Promise<void> {
    await this.close();
    this.#audit?.tellOfServer('serverStart', 'failure');
    this.#audit?.close();
  }

  /** Gives the ports back. */
  async close(): Promise<void> {
    await this.#operators.close();
    await this.#clients.close();
    await this.#secureClients?.close();
    for (const { listener } of this.#peers) await listener.close();
  }

  #standalone(config: CoreConfig, surroundings: Surroundings): Bound {
    const core = new StandaloneServer(config, surroundings);
    return { core, sight: standaloneSight(core), restore: (path, done) => core.restore(path, done) };
  }

  #ensemble(config: CoreConfig, ensemble: EnsembleConfig, surroundings: EnsembleSurroundings): Bound {
    const core = new EnsembleServer(config, ensemble, surroundings);
    for (const [key, accept] of [
      ['election', core.onElectionConnection],
      ['quorum', core.onQuorumConnection],
    ] as const) {
      const listener = this.#peerListener(ensemble.self[key]);
      this.#peers.push({ key, accept: this.#transport.accept(key, accept), listener });
    }
    return { core, sight: ensembleSight(core, ensemble.myId), restore: null };
  }

  #surroundings({ onFailure }: StartOptions): EnsembleSurroundings {
    return {
      disk: new NodeDisk({
        isDirect: this.#config.directLog,
        onDurableWrite: (durationMs) => this.#flushed(durationMs),
      }),
      clock: CLOCK,
      timers: NODE_TIMERS,
      electionDialer: this.#transport.dialers.election,
      quorumDialer: this.#transport.dialers.quorum,
      scheduleEndOfTurn: () => setImmediate(() => this.#core.endOfTurn()),
      random: new Prng(CLOCK.wallMs()),
      log: this.#log,
      auth: this.#auth,
      counters: this.#stats,
      journal: this.#journal(),
      answerWord: this.#answerWord,
      passwordOf: createPasswordOf(this.#config.sessionSecret),
      onBadBytes: (connection, error) => {
        this.#log.warn('ClientConnection', `${connection.socket.remoteAddress}: ${error.message}; closed`);
      },
      halt: onFailure,
      observer: null,
      onMembersChanged: (members) => this.#moveTo(members),
    };
  }

  #journal(): JournalOptions | null {
    const { slowOperationMs } = this.#config;
    if (this.#audit === null && slowOperationMs === 0) return null;
    return {
      audit: this.#audit?.add ?? null,
      serverUser: this.#audit?.serverUser ?? '',
      slowMs: slowOperationMs,
      log: this.#log,
    };
  }

  #flushed(durationMs: number): void {
    this.#stats.flushDone(durationMs);
    if (durationMs <= this.#config.fsyncWarningThresholdMs) return;
    this.#stats.slowFlushCount++;
    this.#log.warn('Disk', `a flush of the log took ${Math.round(durationMs)} ms: every write waits for it`);
  }

  #peerListener(endpoint: Endpoint): MovingListener {
    return new MovingListener(
      this.#boundTo(endpoint),
      { ...PEER_LISTENER, gate: this.#transport.gate },
      this.#log,
    );
  }

  #boundTo({ host, port }: Endpoint): Endpoint {
    return { host: this.#config.ensemble?.quorumListenOnAllIPs === true ? EVERY_ADDRESS : host, port };
  }

  /** A reconfiguration may say that this server listens elsewhere from now on. */
  #moveTo(membership: Membership): void {
    this.#members = membership;
    const self = membership.members.get(this.#config.ensemble?.myId ?? (-1 as ServerId));
    if (self === undefined) return;
    for (const { key, listener } of this.#peers) listener.moveTo(this.#boundTo(self[key]));
    if (self.client !== null) this.#clients.moveTo(self.client);
  }

  /** A server that starts again may find its ports still taken by what is left of its last connections. */
  async #bindPeers(listener: MovingListener): Promise<void> {
    const retries = this.#config.ensemble?.electionPortBindRetry ?? 0;
    for (let attempt = 1; ; attempt++) {
      try {
        await listener.listen();
        return;
      } catch (error) {
        if (retries > 0 && attempt >= retries) throw error;
        this.#log.warn('PeerListener', `${(error as Error).message}; trying again`);
        await new Promise((resolve) => setTimeout(resolve, BIND_RETRY_MS));
      }
    }
  }

  readonly #answerWord: AnswerWord = (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const firstInt = view.getInt32(0);
    if (firstInt >>> 0 === TELNET_CLOSE_COMMAND) return [];
    const word = fourLetterWord(firstInt);
    if (word === null) return 'no-word';
    if (bytes.length < 4 + argumentBytesOf(word)) return 'incomplete';
    // Apache counts words among the packets: the answer shows its own question, but not itself.
    const { stats } = this.#view;
    stats.packetsReceived++;
    const argument = new DataView(bytes.buffer, bytes.byteOffset + 4);
    return this.#countedAnswer(piecesOf(answerFourLetterWord(word, this.#view, argument)));
  };

  *#countedAnswer(pieces: Generator<Uint8Array>): Generator<Uint8Array> {
    yield* pieces;
    this.#view.stats.packetsSent++;
  }
}

function* hostsOf(membership: Membership | null): Generator<string> {
  for (const { quorum, election } of membership?.members.values() ?? []) yield* [quorum.host, election.host];
}
