import { ALL, type OpTotals, type Timeline } from '../history/report-schema.ts';
import { LatencyHistogram } from '../load/latency-histogram.ts';
import { summarizeLatency } from '../load/latency-summary.ts';

/** One answer, or the lack of one. In ms on the run's clock. */
export interface HttpOutcome {
  readonly atMs: number;
  readonly tookMs: number;
  /** `HTTP 429`, or what became of the connection; null: it was answered as it was meant to be. */
  readonly error: string | null;
}

/** The one kind of operation there is. */
export const HTTP_OP = 'request';

interface Interval {
  ok: number;
  errors: number;
  readonly latency: LatencyHistogram;
}

/**
 * Times of requests, to the microsecond, in the histograms of all other loads: autocannon's own are exact to a
 * millisecond.
 */
export class HttpMeter {
  readonly #intervalMs: number;
  readonly #latency = new LatencyHistogram();
  readonly #errors: Record<string, number> = {};
  readonly #intervals = new Map<number, Interval>();
  #ok = 0;
  #failed = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  get ok(): number {
    return this.#ok;
  }

  get failed(): number {
    return this.#failed;
  }

  add({ atMs, tookMs, error }: HttpOutcome): void {
    const interval = this.#intervalAt(Math.floor(atMs / this.#intervalMs));
    if (error === null) {
      this.#ok++;
      interval.ok++;
      const tookNs = Math.round(tookMs * 1e6);
      this.#latency.record(tookNs);
      interval.latency.record(tookNs);
      return;
    }
    this.#failed++;
    interval.errors++;
    this.#errors[error] = (this.#errors[error] ?? 0) + 1;
  }

  /** Of one phase alone, and so of all. */
  totals(seconds: number): OpTotals[] {
    const latency = this.#ok === 0 ? null : summarizeLatency(this.#latency);
    const figures = {
      count: this.#ok + this.#failed,
      ok: this.#ok,
      failed: this.#failed,
      unknown: 0,
      errors: { ...this.#errors },
      opsPerSecond: seconds > 0 ? this.#ok / seconds : null,
      // A connection asks when it has its last answer, or by autocannon's clock: there is no intended start to count from.
      responseTime: latency,
      serviceTime: null,
    };
    return [ALL, HTTP_OP].flatMap((op) => [ALL, 'measure'].map((phase) => ({ op, phase, ...figures })));
  }

  /** Gives the histograms' memory back: to be called once, and last. */
  timeline(): Timeline {
    const points = [...this.#intervals].sort(([a], [b]) => a - b);
    this.#latency.destroy();
    return {
      intervalMs: this.#intervalMs,
      points: points.map(([index, { ok, errors, latency }]) => {
        const us = (percent: number): number | null =>
          latency.count === 0 ? null : Math.round(latency.percentile(percent)) / 1e3;
        const quantiles = { p50Us: us(50), p99Us: us(99), p999Us: us(99.9), maxUs: us(100) };
        latency.destroy();
        return {
          tMs: index * this.#intervalMs,
          ok: { [HTTP_OP]: ok },
          errors,
          ...quantiles,
          availability: ok + errors === 0 ? null : ok / (ok + errors),
        };
      }),
    };
  }

  #intervalAt(index: number): Interval {
    const known = this.#intervals.get(index);
    if (known !== undefined) return known;
    const interval = { ok: 0, errors: 0, latency: new LatencyHistogram() };
    this.#intervals.set(index, interval);
    return interval;
  }
}
