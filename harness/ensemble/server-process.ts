import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { EnsembleError } from './ensemble.ts';
import { startGuardian } from './guardian.ts';
import { endOfLog } from './log-tail.ts';
import type { CommandLine } from './server-program.ts';
import { type WaitOptions, waitUntil } from './wait-until.ts';

/** How a process has ended: one of the two is not null. */
export interface ServerExit {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a server is started. */
export interface ServerCommand extends CommandLine {
  /** What errors call it: `server 2 (apache 3.8.0)`. */
  readonly name: string;
  readonly cwd: string;
  /** Gets what the server prints, on both streams, appended. */
  readonly logFile: string;
}

/**
 * One server as a child process in the foreground, with a log file and nothing left behind: it is ended by its
 * own pid and never by a name, and it ends when this process does, even by SIGKILL (see `startGuardian`).
 */
export class ServerProcess {
  /** Told when it ends after it was ready, though neither `stop` nor `kill` was called. */
  onDied: (error: EnsembleError) => void = () => {};
  /** Told of every end. */
  onExit: () => void = () => {};
  /** It may end by itself, as it is right to do on a full disk: `onDied` is not told. */
  mayEnd = false;
  readonly #command: ServerCommand;
  #child: ChildProcess | null = null;
  #guardian: ChildProcess | null = null;
  #exited: Promise<unknown> = Promise.resolve();
  /** Before that, an end is the failure of the start. */
  #isReady = false;
  /** `stop` or `kill` was called: an end is what was asked for. */
  #isEnding = false;
  #lastExit: ServerExit | null = null;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** Of the server itself; null while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Of the process that ended last; null before one has. */
  get lastExit(): ServerExit | null {
    return this.#lastExit;
  }

  /** Resolves when it does not run. */
  get ended(): Promise<unknown> {
    return this.#exited;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Resolves as soon as the process exists. @throws Error when it cannot be started at all. */
  async spawn(): Promise<void> {
    if (this.#child !== null) throw new Error('the server runs already');
    const { command, args, cwd, logFile } = this.#command;
    const log = openSync(logFile, 'a');
    // In a process group of its own: a Ctrl-C at the terminal is for the harness, which ends the server in its turn.
    const child = spawn(command, args, {
      cwd,
      env: this.#environment(),
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    // At once, and not when it is known to run: who ends it before that must find it.
    this.#child = child;
    this.#isReady = false;
    this.#isEnding = false;
    this.#exited = once(child, 'exit').then(
      ([code, signal]) => this.#ended(child, code as number | null, signal as NodeJS.Signals | null),
      () => {
        this.#child = null;
      },
    );
    // A child outlives a parent that is killed.
    if (child.pid !== undefined) this.#guardian = startGuardian('kill -9 "$1"', [String(child.pid)]);
    await once(child, 'spawn');
  }

  #ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = null;
    this.#lastExit = { pid: child.pid ?? 0, code, signal };
    this.#guardian?.kill('SIGKILL');
    this.#guardian = null;
    this.onExit();
    if (this.#isReady && !this.#isEnding && !this.mayEnd)
      this.onDied(this.#failure(`ended by itself (${signal ?? `exit code ${code}`})`));
  }

  /**
   * Waits until `isReady` says yes, asking again and again.
   *
   * @throws EnsembleError with the end of the log when the server exits first, is not ready in time, or the wait
   * is aborted.
   */
  async untilReady(isReady: () => Promise<boolean>, options: WaitOptions): Promise<void> {
    const end = await waitUntil(async () => (await isReady()) || this.#child === null, options);
    if (this.#child === null) throw this.#failure('exited while it was starting');
    if (end === 'timeout') throw this.#failure(`is not ready after ${options.timeoutMs} ms`);
    if (end === 'aborted') throw this.#failure('was still starting when the run was ended');
    this.#isReady = true;
  }

  /** SIGTERM, then SIGKILL if it still runs after `graceMs`. Resolves when it has ended. */
  async stop(graceMs = 5000): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#isEnding = true;
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.kill('SIGTERM');
    // A paused process gets no SIGTERM before it goes on.
    child.kill('SIGCONT');
    await this.#exited;
    clearTimeout(timer);
  }

  /** SIGKILL: what was not flushed is lost to nobody but the process. Resolves when it has ended. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** For SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child === null) throw new Error('the server does not run');
    this.#child.kill(signal);
  }

  logTail(): string {
    return endOfLog(readFileSync(this.#command.logFile, 'utf8'));
  }

  /** Test runners put a loader into NODE_OPTIONS that must not run in a server. */
  #environment(): NodeJS.ProcessEnv {
    const environment: NodeJS.ProcessEnv = { ...process.env, ...this.#command.env };
    for (const name of Object.keys(environment)) {
      if (name === 'NODE_OPTIONS' || /^_?TAP/.test(name)) delete environment[name];
    }
    return environment;
  }

  #failure(what: string): EnsembleError {
    const { name, logFile } = this.#command;
    return new EnsembleError(`${name} ${what}; the end of ${logFile}:\n${this.logTail()}`);
  }
}
