import type { EnsembleError, EnsembleServer } from './ensemble.ts';
import { ServerProcess, type ServerExit } from './server-process.ts';
import type { ServerProgram } from './server-program.ts';
import { roleOf } from './server-role.ts';
import type { Routes } from './routes.ts';
import { type Member, memberLine, type ServerPlace } from './zoo-config.ts';

const LOOPBACK = '127.0.0.1';

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
  readonly operatorAddresses: EnsembleServer['operatorAddresses'];
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
    this.operatorAddresses = Object.fromEntries(
      Object.entries(member.operatorPorts ?? {}).map(([name, port]) => [name, `127.0.0.1:${port}`]),
    );
    this.dataDir = dataDir;
    this.logFile = logFile;
    this.#options = options;
    this.#program = options.program;
    this.#process = this.#processOf(options.program);
  }

  get program(): string {
    return this.#program.name;
  }

  /** See `ServerProgram.takesPreload`. */
  get takesPreload(): boolean {
    return this.#program.takesPreload === true;
  }

  /** As a reconfig names it: `server.1=127.0.0.1:2888:3888:participant;127.0.0.1:2181`. */
  get reconfigLine(): string {
    const { member } = this.#options.place;
    const line = memberLine({ ...member, host: LOOPBACK });
    return `${member.isObserver ? line : `${line}:participant`};${this.clientAddress}`;
  }

  get lastExit(): ServerExit | null {
    return this.#process.lastExit;
  }

  /** Resolves when its process has ended. */
  get ended(): Promise<unknown> {
    return this.#process.ended;
  }

  /** It may end by itself now, without that being the failure of the run. */
  set mayEnd(mayEnd: boolean) {
    this.#process.mayEnd = mayEnd;
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
