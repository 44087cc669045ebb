import { type Ensemble, type EnsembleError, type EnsembleServer, serverById } from './ensemble.ts';
import { fourLetterWord } from './four-letter-word.ts';
import { type ServerCommand, ServerProcess } from './server-process.ts';

export interface ProcessServerOptions {
  readonly id: number;
  /** `host:port`. */
  readonly clientAddress: string;
  readonly dataDir: string;
  readonly command: ServerCommand;
  /** How long it may take to serve clients. */
  readonly startTimeoutMs: number;
}

/** One server of the system under test as a child of this process. */
export class ProcessServer implements EnsembleServer {
  readonly id: number;
  readonly clientAddress: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly process: ServerProcess;
  readonly #startTimeoutMs: number;

  constructor(options: ProcessServerOptions) {
    this.id = options.id;
    this.clientAddress = options.clientAddress;
    this.dataDir = options.dataDir;
    this.logFile = options.command.logFile;
    this.process = new ServerProcess(options.command);
    this.#startTimeoutMs = options.startTimeoutMs;
  }

  get pid(): number | null {
    return this.process.pid;
  }

  /** Resolves when it serves clients. */
  async start(): Promise<void> {
    await this.process.spawn();
    await this.process.untilReady(() => this.#isServing(), this.#startTimeoutMs);
  }

  async #isServing(): Promise<boolean> {
    try {
      return (await fourLetterWord(this.clientAddress, 'srvr')).includes('Mode: ');
    } catch {
      // Nobody listens yet, or it listens and is looking for a leader.
      return false;
    }
  }
}

/** Servers that are children of this process, whatever program they are. */
export class ProcessEnsemble implements Ensemble {
  readonly name: string;
  readonly servers: readonly ProcessServer[];

  constructor(name: string, servers: readonly ProcessServer[]) {
    this.name = name;
    this.servers = servers;
  }

  get connectString(): string {
    return this.servers.map((server) => server.clientAddress).join(',');
  }

  async start(): Promise<void> {
    try {
      // At the same time: a member of an ensemble serves nobody before a majority is there.
      await Promise.all(this.servers.map((server) => server.start()));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.process.stop()));
  }

  onServerDied(listener: (error: EnsembleError) => void): void {
    for (const { process } of this.servers) process.onDied = listener;
  }

  async kill(id: number): Promise<void> {
    await serverById(this.servers, id).process.kill();
  }

  async restart(id: number): Promise<void> {
    const server = serverById(this.servers, id);
    await server.process.stop();
    await server.start();
  }
}
