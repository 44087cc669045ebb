import { type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, dockerInBackground, dockerNow } from './docker-cli.ts';
import { EnsembleError, type EnsembleServer, type ProcessState } from './ensemble.ts';
import { endOfLog } from './log-tail.ts';
import { roleOf } from './server-role.ts';
import { pause, waitUntil } from './wait-until.ts';

const START_TIMEOUT_MS = 60_000;
/** How long the last lines of a container that has ended may take to come. */
const LOG_TIMEOUT_MS = 2_000;
/** Of Docker's `State.Status`. */
const RUNNING: ReadonlySet<string> = new Set(['running', 'restarting']);

/** Where both kinds of image have their files. */
const CONFIG_FILE = '/conf/zoo.cfg';
const DATA_DIRECTORIES = ['/data/version-2', '/datalog/version-2'] as const;

/** One server of the system under test in a container. */
export class ContainerServer implements EnsembleServer {
  readonly id: number;
  readonly program: string;
  readonly isObserver = false;
  readonly clientAddress: string;
  readonly operatorAddresses = {};
  readonly dataDir: string;
  readonly logFile: string;
  onDied: (error: EnsembleError) => void = () => {};
  onWaiting: (line: string) => void = () => {};
  readonly #directory: string;
  #container: string | null = null;
  #pid: number | null = null;
  #ended: Promise<void> | null = null;
  #isReady = false;
  #isEnding = false;

  /** `directory`: its own; `port`: of this machine, where its port for clients is published. */
  constructor(options: {
    readonly id: number;
    readonly program: string;
    readonly directory: string;
    readonly port: number;
  }) {
    const { id, program, directory, port } = options;
    this.id = id;
    this.program = program;
    this.clientAddress = `127.0.0.1:${port}`;
    this.dataDir = join(directory, 'data');
    this.logFile = join(directory, 'server.log');
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Of the container's first process, where Docker's daemon runs. */
  get pid(): number | null {
    return this.#pid;
  }

  /** From now on it is what runs in this container, which has not been started yet. */
  set container(id: string) {
    this.#container = id;
  }

  /** Resolves when it serves clients. @throws EnsembleError with the end of its log when it does not. */
  async start(signal?: AbortSignal): Promise<void> {
    const container = this.#containerId();
    this.#isReady = false;
    this.#isEnding = false;
    await docker(['start', container], { signal });
    this.#ended = this.#watch(container);
    const { pid } = stateIn(await docker(inspection(container), { signal }));
    if (this.#isRunning) this.#pid = pid;
    const end = await waitUntil(async () => (await roleOf(this.clientAddress)) !== null || !this.#isRunning, {
      timeoutMs: START_TIMEOUT_MS,
      signal,
      onWaiting: (waitedMs) => {
        this.onWaiting(`${this.#name()} does not serve yet, after ${Math.round(waitedMs / 1000)} s`);
      },
    });
    if (!this.#isRunning) throw this.#failure(`${this.processState().words} while it was starting`);
    if (end === 'timeout') throw this.#failure(`is not ready after ${START_TIMEOUT_MS} ms`);
    if (end === 'aborted') throw this.#failure('was still starting when the run was ended');
    this.#isReady = true;
  }

  /** SIGTERM, then SIGKILL after the time that docker-compose.yml gives it. */
  async stop(): Promise<void> {
    if (this.#ended === null) return;
    // What is frozen gets no signal before it goes on.
    if (this.processState().state === 'stopped') await this.resume();
    await this.#endBy(['stop']);
  }

  kill(): Promise<void> {
    return this.#endBy(['kill', '--signal', 'SIGKILL']);
  }

  /** Docker freezes all that runs in the container: its connections stay, and it does nothing at all. */
  async pause(): Promise<void> {
    await docker(['pause', this.#containerId()]);
  }

  async resume(): Promise<void> {
    await docker(['unpause', this.#containerId()]);
  }

  /** As Docker says it. */
  processState(): ProcessState {
    const container = this.#container;
    if (container === null) return { state: 'ended', words: 'it was never started' };
    const { status, pid, exitCode } = stateIn(dockerNow(inspection(container)));
    const name = `container ${container.slice(0, 12)}`;
    if (status === 'paused') return { state: 'stopped', words: `process ${pid} of ${name} is paused` };
    if (RUNNING.has(status)) return { state: 'running', words: `process ${pid} of ${name} is ${status}` };
    return { state: 'ended', words: `${name} is ${status}, with exit code ${exitCode}` };
  }

  logTail(): string {
    return existsSync(this.logFile) ? endOfLog(readFileSync(this.logFile, 'utf8')) : '';
  }

  /** Its `zoo.cfg`, as it was made in the container. @throws EnsembleError */
  async copyConfig(): Promise<void> {
    await docker(['cp', `${this.#containerId()}:${CONFIG_FILE}`, join(this.#directory, 'zoo.cfg')]);
  }

  /** Its snapshots and logs, of a container that does not run any more. @throws EnsembleError */
  async copyData(): Promise<void> {
    const to = join(this.dataDir, 'version-2');
    mkdirSync(to, { recursive: true });
    for (const from of DATA_DIRECTORIES) await docker(['cp', `${this.#containerId()}:${from}/.`, to]);
  }

  /** Follows it until it ends. Docker keeps its log from its first start on, so that it is written anew each time. */
  async #watch(container: string): Promise<void> {
    const log = openSync(this.logFile, 'w');
    const lines = dockerInBackground(['logs', '--follow', container], log);
    closeSync(log);
    const wholeLog = closeOf(lines);
    await closeOf(dockerInBackground(['wait', container], 'ignore'));
    const late = new AbortController();
    await Promise.race([wholeLog, pause(LOG_TIMEOUT_MS, late.signal)]);
    late.abort();
    lines.kill();
    this.#pid = null;
    this.#ended = null;
    if (this.#isReady && !this.#isEnding) this.onDied(this.#failure(this.#lastWords()));
  }

  #lastWords(): string {
    try {
      return `ended by itself: ${this.processState().words}`;
    } catch (error) {
      return `is lost: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  async #endBy(command: readonly string[]): Promise<void> {
    const ended = this.#ended;
    if (ended === null) return;
    this.#isEnding = true;
    try {
      await docker([...command, this.#containerId()]);
    } catch (error) {
      // It may have ended just before.
      if (this.processState().state !== 'ended') throw error;
    }
    await ended;
  }

  #containerId(): string {
    if (this.#container === null) throw new EnsembleError(`${this.#name()} has no container yet`);
    return this.#container;
  }

  get #isRunning(): boolean {
    return this.#ended !== null;
  }

  #name(): string {
    return `server ${this.id} (${this.program})`;
  }

  #failure(what: string): EnsembleError {
    return new EnsembleError(`${this.#name()} ${what}; the end of ${this.logFile}:\n${this.logTail()}`);
  }
}

function inspection(container: string): readonly string[] {
  return ['inspect', '--format', '{{.State.Status}} {{.State.Pid}} {{.State.ExitCode}}', container];
}

/** What such an inspection has printed. */
function stateIn(line: string): { readonly status: string; readonly pid: number; readonly exitCode: number } {
  const [status = '', pid, exitCode] = line.trim().split(' ');
  return { status, pid: Number(pid), exitCode: Number(exitCode) };
}

/** Resolves when it has ended, or could not be started. */
function closeOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
}
