import type { Appointment, Clock } from '../clock.ts';

interface Call {
  readonly untilMs: number;
  readonly action: () => void;
}

/** Time passes when the test says so. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #calls = new Set<Call>();

  nowMs(): number {
    return this.#nowMs;
  }

  callAt(untilMs: number, action: () => void): Appointment {
    const call = { untilMs, action };
    this.#calls.add(call);
    return { cancel: () => void this.#calls.delete(call) };
  }

  /** Carries out what is due until then, each call at its time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#calls].sort((one, other) => one.untilMs - other.untilMs);
      if (next === undefined || next.untilMs > endMs) break;
      this.#calls.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      next.action();
    }
    this.#nowMs = endMs;
  }
}
