/** What a timer takes. */
const MS_MAX = 2 ** 31 - 1;

/**
 * A signal that comes when another does, or when some time is over.
 *
 * Not `AbortSignal.any` over an `AbortSignal.timeout`: nobody holds that one, so that the collector may take it before its
 * time, and then it never comes (Node 20).
 */
export class TimeLimit {
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#over.signal]);
    this.#timer = setTimeout(() => this.#over.abort(), Math.min(ms, MS_MAX));
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** What it was for has ended. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
