import type { Clock, ScheduleEndOfTurn } from './ports.ts';

/**
 * One turn of the event loop: everything that comes in together and leaves together. Whoever has done something
 * that the end of the turn completes (a txn to be flushed, a reply to be sent) calls `begin`.
 */
export class Turn {
  readonly #clock: Clock;
  readonly #scheduleEnd: ScheduleEndOfTurn;
  #isScheduled = false;
  /** When the turn began, monotonic ms: reading the clock for every request costs more than it tells. */
  nowMs: number;

  constructor(clock: Clock, scheduleEnd: ScheduleEndOfTurn) {
    this.#clock = clock;
    this.#scheduleEnd = scheduleEnd;
    this.nowMs = clock.monotonicMs();
  }

  begin(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.nowMs = this.#clock.monotonicMs();
    this.#scheduleEnd();
  }

  /** What the shell has been asked for has come. */
  end(): void {
    this.#isScheduled = false;
  }
}
