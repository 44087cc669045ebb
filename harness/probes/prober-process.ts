import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../load/clean-environment.ts';
import type { ProberCommand, ProberConfig, ProberMessage, ProberSummary } from './prober-messages.ts';

const MAIN = fileURLToPath(new URL('./prober-main.js', import.meta.url));

/** The prober ended, or said that it cannot go on. */
export class ProberError extends Error {
  override readonly name = 'ProberError';
  readonly code = 'prober';
}

/**
 * A prober as its parent sees it: a process of its own, so that neither the load nor whoever judges it makes it
 * late. It ends with its parent.
 */
export class ProberProcess {
  readonly #child: ChildProcess;
  #waiting: { resolve: (summary: ProberSummary | null) => void; reject: (error: Error) => void } | null =
    null;
  #failure: Error | null = null;

  constructor() {
    this.#child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      env: cleanEnvironment(),
    });
    this.#child.on('message', (message: ProberMessage) => this.#received(message));
    this.#child.on('error', (cause) => {
      this.#fail(new ProberError(`The prober cannot be reached: ${cause.message}`, { cause }));
    });
    this.#child.on('exit', (code, signal) => {
      this.#fail(new ProberError(`The prober ended (${signal ?? `exit code ${code}`}) before it was done`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when every target is connected and could be probed. @throws ProberError */
  async open(config: ProberConfig): Promise<void> {
    await this.#execute({ type: 'open', config });
  }

  /** @throws ProberError */
  async begin(): Promise<void> {
    await this.#execute({ type: 'begin' });
  }

  /** Resolves when the file of probes is complete. @throws ProberError */
  async end(): Promise<ProberSummary> {
    const summary = await this.#execute({ type: 'end' });
    if (summary === null) throw new ProberError('The prober has ended without a word about itself');
    return summary;
  }

  /** SIGKILL, if it still runs. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #execute(command: ProberCommand): Promise<ProberSummary | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(command);
    });
  }

  #received(message: ProberMessage): void {
    if (message.type === 'failed') {
      this.#fail(new ProberError(`The prober failed: ${message.message}`));
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(message.summary);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#failure);
  }
}
