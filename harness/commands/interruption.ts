import { ExitCode } from './exit-code.ts';

/** The first SIGINT or SIGTERM is noted, and a second one ends the process as if nobody listened. */
export class Interruption {
  /** Null as long as there was none. */
  exitCode: ExitCode | null = null;
  readonly #abort = new AbortController();

  constructor() {
    process.once('SIGINT', this.#onSignal);
    process.once('SIGTERM', this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Listens no more. */
  stop(): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }

  readonly #onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    this.exitCode = signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    this.stop();
    this.#abort.abort();
  };
}
