import type { LoadClock } from './load-clock.ts';
import type { LoadEngine } from './load-engine.ts';
import { Pacemaker } from './pacemaker.ts';

/**
 * Between two wakings. What becomes due meanwhile is started with the next one and is late by that much at most;
 * without a bound the wakings alone would take a core at 100,000 arrivals a second.
 */
const GAP_MIN_NS = 100e3;
/** While nothing can be sent: whatever makes room starts what is due, and this only abandons what waits too long. */
const GAP_BLOCKED_NS = 10e6;

/** Wakes an open loop when its next operation is due. A closed loop paces itself and needs none. */
export class Pacer {
  readonly #engine: LoadEngine;
  readonly #clock: LoadClock;
  readonly #pacemaker: Pacemaker;
  #isRunning = false;

  /** `startNs`: the zero of `clock`. Made some time before `start`, because a thread takes time to come up. */
  constructor(engine: LoadEngine, clock: LoadClock, startNs: bigint) {
    this.#engine = engine;
    this.#clock = clock;
    this.#pacemaker = new Pacemaker(startNs, () => this.#turn());
  }

  start(): void {
    this.#isRunning = true;
    this.#turn();
  }

  /** For good. */
  stop(): void {
    this.#isRunning = false;
    this.#pacemaker.stop();
  }

  #turn(): void {
    if (!this.#isRunning) return;
    this.#engine.pace();
    const gapNs = this.#engine.isBlocked ? GAP_BLOCKED_NS : GAP_MIN_NS;
    this.#pacemaker.wakeAt(Math.max(this.#engine.nextDueNs, this.#clock.nowNs() + gapNs));
  }
}
