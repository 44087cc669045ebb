import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  initWebAssemblySync,
} from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';

/** One hour. What takes longer is recorded as this. */
const LATENCY_MAX_NS = 3_600e9;

let isReady = false;

function ready(): void {
  if (!isReady) initWebAssemblySync();
  isReady = true;
}

/**
 * Times in whole nanoseconds up to an hour, exact to `digits` significant digits (1 to 5), in a WebAssembly
 * HdrHistogram with 64-bit counts. Its memory (about 300 kB with three digits) is not garbage-collected: call
 * `destroy` on every one.
 */
export class LatencyHistogram {
  readonly #histogram: Histogram;
  #count = 0;

  constructor(digits: 1 | 2 | 3 | 4 | 5 = 3, histogram?: Histogram) {
    ready();
    this.#histogram =
      histogram ??
      build({
        useWebAssembly: true,
        bitBucketSize: 64,
        autoResize: false,
        lowestDiscernibleValue: 1,
        highestTrackableValue: LATENCY_MAX_NS,
        numberOfSignificantValueDigits: digits,
      });
    this.#count = this.#histogram.totalCount;
  }

  /** From what `encode` wrote. */
  static decode(encoded: string): LatencyHistogram {
    ready();
    return new LatencyHistogram(3, decodeFromCompressedBase64(encoded, 64, true));
  }

  get count(): number {
    return this.#count;
  }

  /** For writers and readers of the library. */
  get raw(): Histogram {
    return this.#histogram;
  }

  record(ns: number): void {
    // The library counts NaN without a word and throws above its maximum.
    this.#histogram.recordValue(ns > 0 ? Math.min(ns, LATENCY_MAX_NS) : 0);
    this.#count++;
  }

  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
    this.#count += other.#count;
  }

  /** The value that `percent` of all are at or below, in ns; 0 of an empty histogram. */
  percentile(percent: number): number {
    return this.#count === 0
      ? 0
      : Math.min(this.#histogram.getValueAtPercentile(percent), this.#histogram.maxValue);
  }

  get maxNs(): number {
    return this.#histogram.maxValue;
  }

  get minNs(): number {
    // What was recorded as 0 is not seen by the library's minimum, and below 1 ns nothing is ever measured.
    return this.#count === 0 ? 0 : this.#histogram.minNonZeroValue;
  }

  get meanNs(): number {
    return this.#count === 0 ? 0 : this.#histogram.mean;
  }

  get stddevNs(): number {
    return this.#count === 0 ? 0 : this.#histogram.stdDeviation;
  }

  reset(): void {
    this.#histogram.reset();
    this.#count = 0;
  }

  /** HdrHistogram's V2 encoding, compressed, in base64. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  destroy(): void {
    this.#histogram.destroy();
  }
}
