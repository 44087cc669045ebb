import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from './clean-environment.ts';
import type { GeneratorCommand, GeneratorMessage } from './generator-messages.ts';

const MAIN = fileURLToPath(new URL('./generator-main.js', import.meta.url));

/**
 * What a load allocates dies young. With room for it a scavenge finds nothing to copy, and there are fewer of them.
 */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/** The generator ended, or said that it cannot go on. */
export class GeneratorError extends Error {
  override readonly name = 'GeneratorError';
  readonly code = 'generator';
}

/** A generator as its parent sees it: a child process that takes one command at a time. */
export class GeneratorProcess {
  readonly #child: ChildProcess;
  readonly #onMessage: (message: GeneratorMessage) => void;
  #waiting: { resolve: (isComplete: boolean) => void; reject: (error: Error) => void } | null = null;
  #failure: Error | null = null;

  constructor(onMessage: (message: GeneratorMessage) => void) {
    this.#onMessage = onMessage;
    this.#child = spawn(process.execPath, [...NODE_FLAGS, MAIN], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      env: cleanEnvironment(),
    });
    this.#child.on('message', (message: GeneratorMessage) => this.#received(message));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', (code, signal) => {
      this.#fail(
        new GeneratorError(`A load generator ended (${signal ?? `exit code ${code}`}) before it was done`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Resolves when the command has been carried out: completely, or as far as its deadline allowed.
   * @throws GeneratorError
   */
  execute(command: GeneratorCommand): Promise<boolean> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(command);
    });
  }

  /** SIGKILL, if it still runs. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #received(message: GeneratorMessage): void {
    if (message.type === 'failed') {
      this.#fail(new GeneratorError(`A load generator failed: ${message.message}`));
    } else if (message.type === 'done') {
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting?.resolve(message.isComplete);
    } else {
      this.#onMessage(message);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#failure);
  }
}
