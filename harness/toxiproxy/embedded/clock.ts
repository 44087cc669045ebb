export interface Appointment {
  cancel(): void;
}

/** What a toxic knows of time. */
export interface Clock {
  nowMs(): number;
  /** Calls `then` when it is `untilMs`, and never before. */
  callAt(untilMs: number, then: () => void): Appointment;
}

export const REAL_CLOCK: Clock = { nowMs: () => performance.now(), callAt };

/** Node takes a longer delay for none at all. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/**
 * Late by about a millisecond where nothing else keeps the process busy. A timer of Node's counts whole milliseconds
 * and may be early by one; for less than one there is none, so the event loop is then turned until it is time.
 */
function callAt(untilMs: number, then: () => void): Appointment {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  arm();
  return {
    cancel() {
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };

  function arm(): void {
    const leftMs = untilMs - performance.now();
    if (leftMs >= 1) timer = setTimeout(check, Math.min(Math.ceil(leftMs), TIMEOUT_MAX_MS));
    else immediate = setImmediate(check);
  }

  function check(): void {
    if (performance.now() >= untilMs) then();
    else arm();
  }
}
