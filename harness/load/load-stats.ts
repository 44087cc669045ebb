import { NONE } from '../history/op.ts';
import type { OpKind } from '../history/op.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { KIND_SPAN } from './load-op.ts';

/** Error codes are −127 … 0; an array by code holds them negated. */
const ERROR_SPAN = 256;

/** What happened to one kind of operation in a phase. */
export interface KindTotals {
  readonly kind: number;
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  /** By ZooKeeper's error code, written as a decimal. */
  readonly errors: Readonly<Record<string, number>>;
}

/** One slice of the timeline, all kinds of operations together but for `ok`. */
export interface TickCounts {
  readonly startNs: number;
  readonly endNs: number;
  /** Successes by kind. */
  readonly ok: readonly number[];
  readonly failed: number;
  readonly unknown: number;
}

/**
 * Counts and times what the lanes of one generator process have done.
 *
 * Each success is recorded in the histogram of its kind and in the one of the timeline slice. The histograms of a
 * phase are sums of those of its intervals, made when an interval is cut; so an operation belongs to the phase
 * in which it ended. Response time is from the intended start (in a closed loop there is none: from the actual),
 * service time from when the request went to the socket.
 */
export class LoadStats {
  readonly #response: (LatencyHistogram | null)[] = Array.from({ length: KIND_SPAN }, () => null);
  readonly #service: (LatencyHistogram | null)[] = Array.from({ length: KIND_SPAN }, () => null);
  readonly #slice: LatencyHistogram = new LatencyHistogram(2);

  #ok = new Float64Array(KIND_SPAN);
  #failed = new Float64Array(KIND_SPAN);
  #unknown = new Float64Array(KIND_SPAN);
  #errors = new Float64Array(KIND_SPAN * ERROR_SPAN);

  #sliceStartNs = 0;
  #sliceOk = new Float64Array(KIND_SPAN);
  #sliceFailed = 0;
  #sliceUnknown = 0;

  /** By the interval in which an operation was meant to start. */
  readonly availability: AvailabilityBins;

  constructor(availability: AvailabilityBins) {
    this.availability = availability;
  }

  succeeded(kind: OpKind, intendedNs: number, invokeNs: number, completeNs: number): void {
    const startNs = intendedNs === NONE ? invokeNs : intendedNs;
    const responseNs = completeNs - startNs;
    if (intendedNs === NONE) this.availability.intended(invokeNs);
    else (this.#service[kind] ?? this.#make(this.#service, kind)).record(completeNs - invokeNs);
    this.availability.succeeded(startNs, responseNs);
    (this.#response[kind] ?? this.#make(this.#response, kind)).record(responseNs);
    this.#slice.record(responseNs);
    (this.#ok[kind] as number)++;
    (this.#sliceOk[kind] as number)++;
  }

  failed(
    kind: OpKind,
    error: number,
    op: { readonly isUnknown: boolean; readonly intendedNs: number; readonly invokeNs: number },
  ): void {
    if (op.intendedNs === NONE) this.availability.intended(op.invokeNs);
    if (op.isUnknown) {
      (this.#unknown[kind] as number)++;
      this.#sliceUnknown++;
    } else {
      (this.#failed[kind] as number)++;
      this.#sliceFailed++;
    }
    (this.#errors[kind * ERROR_SPAN + (-error & (ERROR_SPAN - 1))] as number)++;
  }

  /** Hands the interval's histograms to `take`, by kind, and starts the next interval. */
  cutInterval(
    take: (kind: number, response: LatencyHistogram, service: LatencyHistogram | null) => void,
  ): void {
    for (let kind = 0; kind < KIND_SPAN; kind++) {
      const response = this.#response[kind] ?? null;
      const service = this.#service[kind] ?? null;
      if (response === null || response.count === 0) continue;
      take(kind, response, service);
      response.reset();
      service?.reset();
    }
  }

  /** The counts since the last call; the next phase starts from nothing. */
  cutTotals(): KindTotals[] {
    const totals: KindTotals[] = [];
    for (let kind = 0; kind < KIND_SPAN; kind++) {
      const [ok = 0, failed = 0, unknown = 0] = [this.#ok[kind], this.#failed[kind], this.#unknown[kind]];
      if (ok + failed + unknown > 0) totals.push({ kind, ok, failed, unknown, errors: this.#errorsOf(kind) });
    }
    this.#ok.fill(0);
    this.#failed.fill(0);
    this.#unknown.fill(0);
    this.#errors.fill(0);
    return totals;
  }

  /** One slice of the timeline, and its response times in V2 encoding. */
  cutSlice(nowNs: number): TickCounts & { readonly histogram: string } {
    const slice = {
      startNs: this.#sliceStartNs,
      endNs: nowNs,
      ok: [...this.#sliceOk],
      failed: this.#sliceFailed,
      unknown: this.#sliceUnknown,
      histogram: this.#slice.encode(),
    };
    this.#slice.reset();
    this.#sliceStartNs = nowNs;
    this.#sliceOk.fill(0);
    this.#sliceFailed = 0;
    this.#sliceUnknown = 0;
    return slice;
  }

  /** Gives the histograms' memory back, which no garbage collector does. */
  destroy(): void {
    for (const histogram of [...this.#response, ...this.#service, this.#slice]) histogram?.destroy();
  }

  #make(histograms: (LatencyHistogram | null)[], kind: number): LatencyHistogram {
    const histogram = new LatencyHistogram();
    histograms[kind] = histogram;
    return histogram;
  }

  #errorsOf(kind: number): Record<string, number> {
    const errors: Record<string, number> = {};
    for (let code = 0; code < ERROR_SPAN; code++) {
      const count = this.#errors[kind * ERROR_SPAN + code] ?? 0;
      if (count > 0) errors[String(-code)] = count;
    }
    return errors;
  }
}

/**
 * How many operations were meant to start in each interval since the run's start, and how many of those succeeded
 * within a deadline: what a client sees of availability. A queue that grows does not shrink the denominator.
 */
export class AvailabilityBins {
  readonly binNs: number;
  readonly #deadlineNs: number;
  #intended = new Float64Array(1024);
  #succeeded = new Float64Array(1024);
  #length = 0;

  constructor(options: { readonly binNs: number; readonly deadlineNs: number }) {
    this.binNs = options.binNs;
    this.#deadlineNs = options.deadlineNs;
  }

  intended(atNs: number): void {
    const bin = this.#binOf(atNs);
    (this.#intended[bin] as number)++;
  }

  succeeded(intendedNs: number, responseNs: number): void {
    if (responseNs > this.#deadlineNs) return;
    const bin = this.#binOf(intendedNs);
    (this.#succeeded[bin] as number)++;
  }

  counts(): { readonly intended: number[]; readonly succeeded: number[] } {
    return {
      intended: [...this.#intended.subarray(0, this.#length)],
      succeeded: [...this.#succeeded.subarray(0, this.#length)],
    };
  }

  /** May move the counts to larger arrays, so it is called before either of them is named. */
  #binOf(atNs: number): number {
    const bin = Math.max(0, Math.floor(atNs / this.binNs));
    if (bin >= this.#length) this.#growTo(bin);
    return bin;
  }

  #growTo(bin: number): void {
    this.#length = bin + 1;
    if (bin < this.#intended.length) return;
    let size = this.#intended.length;
    while (size <= bin) size *= 2;
    this.#intended = copyInto(new Float64Array(size), this.#intended);
    this.#succeeded = copyInto(new Float64Array(size), this.#succeeded);
  }
}

function copyInto(target: Float64Array<ArrayBuffer>, source: Float64Array): Float64Array<ArrayBuffer> {
  target.set(source);
  return target;
}
