import type { ActiveSettings } from './active-settings.ts';

/** What the process would have without us. */
export interface TrueClock {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

/** The clocks of a process, wrong as its settings say. */
export class FaultyClock {
  readonly #true: TrueClock;
  readonly #settings: ActiveSettings;
  /** Where the running clock was, and where the true one, when its rate changed last. */
  #base: { readonly trueMs: number; readonly ms: number };
  #rate = 1;
  /** How far the wall clock is from the true one for all time that went at another rate. */
  #driftMs = 0;
  #reads = 0;

  constructor(trueClock: TrueClock, settings: ActiveSettings) {
    this.#true = trueClock;
    this.#settings = settings;
    const nowMs = trueClock.monotonicMs();
    this.#base = { trueMs: nowMs, ms: nowMs };
  }

  /** To be called when the settings have changed. The wall clock is set right again once nothing is wrong with its rate. */
  settingsChanged(): void {
    const trueMs = this.#true.monotonicMs();
    const ms = this.monotonicMs();
    const rates = this.#settings.of('clock-rate');
    this.#driftMs = rates.length === 0 ? 0 : this.#drift();
    this.#base = { trueMs, ms };
    this.#rate = rates.reduce((product, { setting }) => product * setting.rate, 1);
  }

  /** How often it was asked. */
  get reads(): number {
    return this.#reads;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Never goes back, whatever is changed. */
  monotonicMs(): number {
    this.#reads++;
    return this.#base.ms + (this.#true.monotonicMs() - this.#base.trueMs) * this.#rate;
  }

  wallMs(): number {
    this.#reads++;
    return Math.round(this.#true.wallMs() + this.#drift() + this.#offset());
  }

  #drift(): number {
    return this.#driftMs + (this.#true.monotonicMs() - this.#base.trueMs) * (this.#rate - 1);
  }

  #offset(): number {
    let offsetMs = 0;
    for (const { setting, sinceMs } of this.#settings.of('clock-offset')) {
      const { byMs, flipEveryMs } = setting;
      const turn = flipEveryMs === null ? 0 : Math.floor((this.#true.monotonicMs() - sinceMs) / flipEveryMs);
      if (turn % 2 === 0) offsetMs += byMs;
    }
    return offsetMs;
  }
}

/** Puts it in the place of the process's own: `Date`, `performance.now`, and the delays of timers. */
export function installClock(clock: FaultyClock): void {
  const RealDate = Date;
  const FaultyDate = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [clock.wallMs()] : args, newTarget) as object,
    get: (target, name) => (name === 'now' ? () => clock.wallMs() : (Reflect.get(target, name) as unknown)),
  });
  globalThis.Date = FaultyDate;
  Object.defineProperty(performance, 'now', { value: () => clock.monotonicMs() });
  globalThis.setTimeout = scaled(setTimeout, clock);
  globalThis.setInterval = scaled(setInterval, clock);
}

/** The same function, in the time of this clock. */
function scaled<F extends typeof setTimeout | typeof setInterval>(real: F, clock: FaultyClock): F {
  const call = real as unknown as (run: () => void, ms?: number, ...args: unknown[]) => unknown;
  const wrapped = (run: () => void, ms?: number, ...args: unknown[]): unknown =>
    call(run, ms === undefined ? ms : ms / clock.rate, ...args);
  return Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(real)) as unknown as F;
}
