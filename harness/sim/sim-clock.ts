import type { Cancel, Clock, Timers } from '../../server/base/ports.ts';
import type { Lifetime } from './lifetime.ts';
import { EventKind, type SimWorld } from './sim-world.ts';

export interface ClockOptions {
  /** What the wall clock of this machine is wrong by, ms. */
  readonly wallOffsetMs: number;
  /** How fast its clocks run: 1 for right. */
  readonly rate: number;
}

/** Any moment; the wall clocks of a simulation begin there. */
const WALL_BEGAN_MS = 1_700_000_000_000;

/** A machine's clocks, and the timers that go by them. They outlive its processes. */
export class SimClock implements Clock {
  readonly #world: SimWorld;
  readonly #options: ClockOptions;
  #jumpedMs = 0;

  constructor(world: SimWorld, options: ClockOptions) {
    this.#world = world;
    this.#options = options;
  }

  monotonicMs(): number {
    return this.#world.nowMs * this.#options.rate;
  }

  wallMs(): number {
    const { wallOffsetMs, rate } = this.#options;
    return Math.floor(WALL_BEGAN_MS + wallOffsetMs + this.#jumpedMs + this.#world.nowMs * rate);
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  timersFor(lifetime: Lifetime): Timers {
    return {
      after: (delayMs, callback): Cancel => {
        const event = this.#world.after(
          // A little more than asked for: never before the clock says so, whatever rounding does.
          Math.max(0, delayMs) / this.#options.rate + 0.001,
          EventKind.timer,
          lifetime,
          callback,
        );
        return () => {
          event.run = null;
        };
      },
    };
  }
}
