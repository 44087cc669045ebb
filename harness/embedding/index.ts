import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedded } from '../ensemble/embedded.ts';
import { leaderOf, type EnsembleError, type ServerRole } from '../ensemble/ensemble.ts';
import type { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import type { ProcessServer } from '../ensemble/process-server.ts';

export { EnsembleError, type ServerRole } from '../ensemble/ensemble.ts';

/**
 * ZooKeeper servers for the tests of other projects: each a process of its own on 127.0.0.1 and a port that is free,
 * with data that is gone afterwards. They end when the process that started them ends, however that comes about.
 */
export interface EmbeddedOptions {
  /**
   * Lines of zoo.cfg over the defaults (`tickTime=2000`, `initLimit=10`, `syncLimit=5`), any system property
   * `zookeeper.x` as `x`. Ports and directories are not for you to set.
   */
  readonly config?: Readonly<Record<string, string>>;
  /** Where configurations, logs and data go, and stay. Left out: a temporary directory that `stop` removes. */
  readonly directory?: string;
}

export interface EnsembleOptions extends EmbeddedOptions {
  /** 3 unless told; 1 is a server that stands alone. */
  readonly servers?: number;
}

/** One server. Each method resolves when what it names is true; who waits for a start waits for clients to be served. */
export interface EmbeddedServer {
  /** From 1 on. */
  readonly id: number;
  /** `127.0.0.1:port`: what a client connects to. The port stays the same when it starts again. */
  readonly connectString: string;
  readonly port: number;
  /** Null while it does not run. */
  readonly pid: number | null;
  readonly dataDir: string;
  /** What it prints. */
  readonly logFile: string;
  /**
   * Starts it on the data it has; a running server is stopped first.
   * @throws EnsembleError with the end of its log if it does not come up.
   */
  restart(): Promise<void>;
  /** SIGTERM: what was accepted becomes durable. The data stay. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. The data stay. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its connections and does nothing at all. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
}

/** Several servers, or one that stands alone, from its start to its end. */
export interface EmbeddedEnsemble extends AsyncDisposable {
  /** `127.0.0.1:port,127.0.0.1:port,…` */
  readonly connectString: string;
  readonly servers: readonly EmbeddedServer[];
  /** Who leads now, or stands alone; null while nobody does. */
  leader(): Promise<EmbeddedServer | null>;
  /** Of a server by its id; null while it serves nobody. */
  roleOf(id: number): Promise<ServerRole | null>;
  /** Ends all of them; a temporary directory is removed. */
  stop(): Promise<void>;
  /** Told of a server that ends though nobody here ended it. One listener. */
  onServerDied(listener: (error: EnsembleError) => void): void;
}

/**
 * One server that stands alone; resolves when it serves clients. Its `stop` is the end of it: a temporary directory is
 * removed.
 * @throws EnsembleError with the end of its log if it does not come up.
 */
export async function startServer(options: EmbeddedOptions = {}): Promise<EmbeddedServer & AsyncDisposable> {
  const { ensemble, forget } = await start(1, options);
  const [server] = ensemble.servers as [ProcessServer];
  return new EmbeddedAlone(server, forget);
}

/**
 * An ensemble; resolves when every server of it serves clients.
 * @throws EnsembleError with the end of a server's log if it does not come up. RangeError for a number of servers that
 * is none.
 */
export async function startEnsemble({
  servers = 3,
  ...options
}: EnsembleOptions = {}): Promise<EmbeddedEnsemble> {
  if (!Number.isSafeInteger(servers) || servers < 1) throw new RangeError(`${servers} servers: at least 1`);
  const { ensemble, forget } = await start(servers, options);
  return new Ensemble(ensemble, forget);
}

async function start(
  serverCount: number,
  { config = {}, directory }: EmbeddedOptions,
): Promise<{ ensemble: ProcessEnsemble; forget: () => void }> {
  const place = directory ?? mkdtempSync(join(tmpdir(), 'stampede-'));
  const forget = (): void => {
    if (directory === undefined) rmSync(place, { recursive: true, force: true });
  };
  try {
    const ensemble = await createEmbedded({ directory: place, serverCount, config });
    await ensemble.start();
    return { ensemble, forget };
  } catch (error) {
    forget();
    throw error;
  }
}

class Ensemble implements EmbeddedEnsemble {
  readonly servers: readonly Embedded[];
  readonly #ensemble: ProcessEnsemble;
  readonly #forget: () => void;

  constructor(ensemble: ProcessEnsemble, forget: () => void) {
    this.#ensemble = ensemble;
    this.#forget = forget;
    this.servers = ensemble.servers.map((server) => new Embedded(server));
  }

  get connectString(): string {
    return this.#ensemble.connectString;
  }

  async leader(): Promise<EmbeddedServer | null> {
    const id = leaderOf(await this.#ensemble.roles());
    return this.servers.find((server) => server.id === id) ?? null;
  }

  async roleOf(id: number): Promise<ServerRole | null> {
    return (await this.#ensemble.roles()).get(id) ?? null;
  }

  async stop(): Promise<void> {
    await this.#ensemble.stop();
    this.#forget();
  }

  onServerDied(listener: (error: EnsembleError) => void): void {
    this.#ensemble.onServerDied(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

class Embedded implements EmbeddedServer {
  readonly #server: ProcessServer;

  constructor(server: ProcessServer) {
    this.#server = server;
  }

  get id(): number {
    return this.#server.id;
  }

  get connectString(): string {
    return this.#server.clientAddress;
  }

  get port(): number {
    return Number(this.connectString.split(':')[1]);
  }

  get pid(): number | null {
    return this.#server.pid;
  }

  get dataDir(): string {
    return this.#server.dataDir;
  }

  get logFile(): string {
    return this.#server.logFile;
  }

  async restart(): Promise<void> {
    await this.#server.stop();
    await this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  kill(): Promise<void> {
    return this.#server.kill();
  }

  pause(): void {
    this.#server.signal('SIGSTOP');
  }

  resume(): void {
    this.#server.signal('SIGCONT');
  }
}

class EmbeddedAlone extends Embedded implements AsyncDisposable {
  readonly #forget: () => void;

  constructor(server: ProcessServer, forget: () => void) {
    super(server);
    this.#forget = forget;
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.#forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
