import type { Cancel, Clock, Timers } from '../base/ports.ts';

/** How long input that lies unread in a socket may take to get here. */
const GRACE_MS = 25;

/**
 * Tells when nothing has been heard of a peer for too long.
 *
 * A process that was stopped for a while finds its timers due before what has come in the meantime. So the first
 * alarm only asks to look again, after the sockets have been read; only the second one counts (M27).
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onSilent: () => void;
  #limitMs: number;
  #heardAtMs: number;
  #cancel: Cancel | null = null;

  constructor(options: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly limitMs: number;
    /** Once; the watch is over then. */
    readonly onSilent: () => void;
  }) {
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#onSilent = options.onSilent;
    this.#limitMs = options.limitMs;
    this.#heardAtMs = this.#clock.monotonicMs();
    this.#wait(this.#limitMs);
  }

  /** When something was heard last, monotonic ms. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  heard(nowMs: number = this.#clock.monotonicMs()): void {
    this.#heardAtMs = nowMs;
  }

  /** Another patience from now on, ms. */
  setLimit(limitMs: number): void {
    this.#limitMs = limitMs;
    this.heard();
    if (this.#cancel === null) return;
    this.#cancel();
    this.#wait(limitMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #wait(ms: number): void {
    this.#cancel = this.#timers.after(ms, () => this.#look());
  }

  #look(): void {
    const left = this.#left();
    if (left > 0) {
      this.#wait(left);
      return;
    }
    this.#cancel = this.#timers.after(GRACE_MS, () => {
      const left = this.#left();
      if (left > 0) {
        this.#wait(left);
        return;
      }
      this.#cancel = null;
      this.#onSilent();
    });
  }

  #left(): number {
    return this.#heardAtMs + this.#limitMs - this.#clock.monotonicMs();
  }
}
