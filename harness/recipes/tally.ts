import type { LoadClock } from '../load/load-clock.ts';
import type { Attempt } from './participant.ts';

/** How a recipe is doing, over all participants. */
export class Tally {
  steps = 0;
  ok = 0;
  /** What was refused for good reasons, too. */
  failed = 0;
  /** When the newest request was made that has been done: ms on the run's clock, −∞ before the first. */
  acknowledgedMs = -Infinity;
  readonly #offsetMs: number;

  constructor(clock: LoadClock) {
    this.#offsetMs = clock.nowNs() / 1e6 - performance.now();
  }

  /** `madeMs`: of `performance.now()`. */
  readonly onAttempt = (outcome: Attempt<unknown>['outcome'], madeMs: number): void => {
    if (outcome !== 'ok') {
      this.failed++;
      return;
    }
    this.ok++;
    this.acknowledgedMs = Math.max(this.acknowledgedMs, madeMs + this.#offsetMs);
  };
}
