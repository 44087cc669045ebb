import type { Cancel, Timers } from '../base/ports.ts';

/** Calls again and again, each time so many ms after the last. */
export function repeat(timers: Timers, intervalMs: number, call: () => void): Cancel {
  let cancel = timers.after(intervalMs, tick);
  function tick(): void {
    cancel = timers.after(intervalMs, tick);
    call();
  }
  return () => cancel();
}
