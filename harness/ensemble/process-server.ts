import type { EnsembleError, EnsembleServer } from './ensemble.ts';
import { ServerProcess } from './server-process.ts';
import type { ServerProgram } from './server-program.ts';
import { roleOf } from './server-role.ts';
import type { Routes } from './routes.ts';
import type { Member, ServerPlace } from './zoo-config.ts';

export interface ProcessServerOptions {
  readonly place: ServerPlace;
  readonly members: readonly Member[];
  readonly program: ServerProgram;
  /** How long it may take to serve clients. */
  readonly startTimeoutMs: number;
  /** Which are told when it starts and ends. */
  readonly routes: Routes;
}

/** One server of the system under test as a child of this process. */
export class ProcessServer implements EnsembleServer {
  readonly id: number;
  readonly isObserver: boolean;
  readonly clientAddress: string;
  readonly dataDir: string;
  readonly logFile: string;
  onDied: (error: EnsembleError) => void = () => {};
  onWaiting: (line: string) => void = () => {};
  readonly #options: ProcessServerOptions;
  #program: ServerProgram;
  #process: ServerProcess;

  constructor(options: ProcessServerOptions) {
    const { member, dataDir, logFile } = options.place;
    this.id = member.id;
    this.isObserver = member.isObserver;
    this.clientAddress = `127.0.0.1:${member.clientPort}`;
    this.dataDir = dataDir;
    this.logFile = logFile;
    this.#options = options;
    this.#program = options.program;
    this.#process = this.#processOf(options.program);
  }

  get program(): string {
    return this.#program.name;
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  /** Resolves as soon as its process exists. */
  async spawn(): Promise<void> {
    await this.#options.routes.serverStarting?.(this.id);
    await this.#process.spawn();
  }

  /** Resolves when it serves clients. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.spawn();
    await this.#process.untilReady(async () => (await roleOf(this.clientAddress)) !== null, {
      timeoutMs: this.#options.startTimeoutMs,
      signal,
      onWaiting: (waitedMs) => {
        this.onWaiting(`${this.#name()} does not serve yet, after ${Math.round(waitedMs / 1000)} s`);
      },
    });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Another program on the same configuration and data, from the next start on. @throws Error while one runs. */
  become(program: ServerProgram): void {
    if (this.#process.isRunning) throw new Error(`${this.#name()} still runs`);
    this.#program = program;
    this.#process = this.#processOf(program);
  }

  logTail(): string {
    return this.#process.logTail();
  }

  #processOf(program: ServerProgram): ServerProcess {
    const { place, members } = this.#options;
    const process = new ServerProcess({
      ...program.commandLine(place, members),
      name: this.#name(),
      cwd: place.directory,
      logFile: place.logFile,
    });
    process.onDied = (error) => this.onDied(error);
    process.onExit = () => this.#options.routes.serverEnded?.(this.id);
    return process;
  }

  #name(): string {
    return `server ${this.id} (${this.#program.name})`;
  }
}
