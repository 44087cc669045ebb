import { opKindName } from '../history/op.ts';
import type { Timeline, TimelinePoint } from '../history/report-schema.ts';
import type { GeneratorSummary, SliceReport } from './generator-messages.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** How the load is doing, once a second. */
export interface LoadProgress {
  /** Seconds since the run's start, at the end of what this is about. */
  readonly second: number;
  readonly opsPerSecond: number;
  readonly errors: number;
  /** Of response times, over all operations; null if none succeeded. */
  readonly p99Ms: number | null;
}

interface Slice {
  readonly ok: Map<string, number>;
  errors: number;
  latency: LatencyHistogram | null;
  /** Generators that have reported it. */
  reports: number;
}

/** Puts the slices of all generators together to one timeline, and tells of each second when it is complete. */
export class TimelineCollector {
  readonly #sliceMs: number;
  readonly #generators: number;
  readonly #onProgress: (progress: LoadProgress) => void;
  readonly #points = new Map<number, TimelinePoint>();
  readonly #open = new Map<number, Slice>();
  #second: { readonly number: number; ok: number; errors: number; latency: LatencyHistogram } | null = null;

  constructor(options: {
    readonly sliceMs: number;
    readonly generators: number;
    readonly onProgress: (progress: LoadProgress) => void;
  }) {
    this.#sliceMs = options.sliceMs;
    this.#generators = options.generators;
    this.#onProgress = options.onProgress;
  }

  add(report: SliceReport): void {
    const { index } = report;
    const slice = this.#open.get(index) ?? {
      ok: new Map<string, number>(),
      errors: 0,
      latency: null,
      reports: 0,
    };
    this.#open.set(index, slice);
    report.ok.forEach((count, kind) => {
      if (count > 0) slice.ok.set(opKindName(kind), (slice.ok.get(opKindName(kind)) ?? 0) + count);
    });
    slice.errors += report.failed + report.unknown;
    slice.latency = addTo(slice.latency, LatencyHistogram.decode(report.histogram));
    slice.reports++;
    if (slice.reports === this.#generators) this.#close(index, slice);
  }

  /** `summaries`: for the availability in each slice. */
  finish(summaries: readonly GeneratorSummary[]): Timeline {
    for (const [index, slice] of this.#open) this.#close(index, slice);
    this.#closeSecond();
    const points = [...this.#points]
      .sort(([a], [b]) => a - b)
      .map(([index, point]) => ({
        ...point,
        availability: availabilityOf(summaries, index),
      }));
    return { intervalMs: this.#sliceMs, points };
  }

  #close(index: number, slice: Slice): void {
    this.#open.delete(index);
    const { latency } = slice;
    if (latency === null) return;
    const isEmpty = latency.count === 0;
    const us = (percent: number): number | null =>
      isEmpty ? null : Math.round(latency.percentile(percent)) / 1e3;
    this.#points.set(index, {
      tMs: index * this.#sliceMs,
      ok: Object.fromEntries(slice.ok),
      errors: slice.errors,
      p50Us: us(50),
      p99Us: us(99),
      p999Us: us(99.9),
      maxUs: isEmpty ? null : Math.round(latency.maxNs) / 1e3,
      availability: null,
    });
    this.#addToSecond(Math.floor((index * this.#sliceMs) / 1000), slice, latency);
  }

  #addToSecond(number: number, slice: Slice, latency: LatencyHistogram): void {
    if (this.#second !== null && this.#second.number !== number) this.#closeSecond();
    const ok = [...slice.ok.values()].reduce((sum, count) => sum + count, 0);
    if (this.#second === null) {
      this.#second = { number, ok, errors: slice.errors, latency };
    } else {
      this.#second.ok += ok;
      this.#second.errors += slice.errors;
      this.#second.latency.add(latency);
      latency.destroy();
    }
    if (this.#sliceMs === 1000) this.#closeSecond();
  }

  #closeSecond(): void {
    const second = this.#second;
    if (second === null) return;
    this.#second = null;
    this.#onProgress({
      second: second.number + 1,
      opsPerSecond: second.ok,
      errors: second.errors,
      p99Ms: second.latency.count === 0 ? null : second.latency.percentile(99) / 1e6,
    });
    second.latency.destroy();
  }
}

function addTo(sum: LatencyHistogram | null, histogram: LatencyHistogram): LatencyHistogram {
  if (sum === null) return histogram;
  sum.add(histogram);
  histogram.destroy();
  return sum;
}

function availabilityOf(summaries: readonly GeneratorSummary[], index: number): number | null {
  let intended = 0;
  let succeeded = 0;
  for (const { availability } of summaries) {
    intended += availability.intended[index] ?? 0;
    succeeded += availability.succeeded[index] ?? 0;
  }
  return intended === 0 ? null : succeeded / intended;
}
