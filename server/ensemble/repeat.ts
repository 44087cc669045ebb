import type { Cancel, Clock, Timers } from '../base/ports.ts';

/** Calls again and again, each time so many ms after the last. */
export function repeat(timers: Timers, intervalMs: number, call: () => void): Cancel {
  return repeatAfter(timers, () => intervalMs, call);
}

/**
 * Calls whenever the clock passes a multiple of the interval, which is when a bucket of things that expire is over:
 * called at any other time, they would all be found later than they have expired.
 */
export function repeatAtMultiples(
  { timers, clock }: { readonly timers: Timers; readonly clock: Clock },
  intervalMs: number,
  call: () => void,
): Cancel {
  // A timer that is a little early finds what is left, and comes again.
  return repeatAfter(timers, () => intervalMs - (Math.floor(clock.monotonicMs()) % intervalMs), call);
}

function repeatAfter(timers: Timers, delayMs: () => number, call: () => void): Cancel {
  let cancel = timers.after(delayMs(), tick);
  function tick(): void {
    cancel = timers.after(delayMs(), tick);
    call();
  }
  return () => cancel();
}
