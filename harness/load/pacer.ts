import type { LoadClock } from './load-clock.ts';
import type { LoadEngine } from './load-engine.ts';

/** Node's timers have a grain of a millisecond and are often one late. */
const TIMER_GRAIN_NS = 2e6;

/**
 * Wakes an open loop when its next operation is due. What is near is waited for by turning the event loop, which
 * takes the core of a generator that has thousands of arrivals a second, and what is far by a timer. A kernel
 * prefers whoever has slept, so the turning yields to servers on the same machine.
 */
export class Pacer {
  readonly #engine: LoadEngine;
  readonly #clock: LoadClock;
  #timer: NodeJS.Timeout | null = null;
  #isRunning = false;

  constructor(engine: LoadEngine, clock: LoadClock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  start(): void {
    this.#isRunning = true;
    this.#turn();
  }

  stop(): void {
    this.#isRunning = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #turn(): void {
    if (!this.#isRunning) return;
    this.#engine.pace();
    const waitNs = this.#engine.nextDueNs - this.#clock.nowNs();
    // A closed loop paces itself.
    if (waitNs === Infinity) return;
    if (this.#engine.isBlocked) this.#timer = setTimeout(() => this.#turn(), 1);
    else if (waitNs < TIMER_GRAIN_NS) setImmediate(() => this.#turn());
    else this.#timer = setTimeout(() => this.#turn(), (waitNs - TIMER_GRAIN_NS) / 1e6);
  }
}
