/**
 * Smallest, largest, sum and count of a stream of non-negative integers (milliseconds, sizes), and on request
 * percentiles, at a few number updates for each value. Its lines in `mntr` are Apache's BASIC or ADVANCED summary.
 *
 * Percentiles come from counts in buckets that are exact below 64 and at most 1/32 wide above, over all values
 * since the last reset; Apache's come from a random sample of them. A value beyond 2^31 counts as 2^31.
 */
export class Summary {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;
  readonly #buckets: Uint32Array | null;

  constructor(options: { percentiles: boolean } = { percentiles: false }) {
    this.#buckets = options.percentiles ? new Uint32Array(BUCKET_COUNT) : null;
  }

  get hasPercentiles(): boolean {
    return this.#buckets !== null;
  }

  add(value: number): void {
    if (this.count === 0 || value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.count++;
    this.sum += value;
    const buckets = this.#buckets;
    if (buckets !== null) {
      const index = bucketOf(value);
      buckets[index] = (buckets[index] as number) + 1;
    }
  }

  /** 0 while there is no value. At most four decimals, rounded half up, as Apache prints it. */
  get average(): number {
    return this.count === 0 ? 0 : Math.round((this.sum / this.count) * 10_000) / 10_000;
  }

  /** The smallest value that `fraction` of all values do not exceed, within the bucket's width; 0 if there are none. */
  percentile(fraction: number): number {
    const buckets = this.#buckets;
    if (buckets === null || this.count === 0) return 0;
    let left = Math.max(1, Math.ceil(fraction * this.count));
    for (let index = 0; index < BUCKET_COUNT; index++) {
      left -= buckets[index] as number;
      if (left <= 0) return Math.min(upperBoundOf(index), this.max);
    }
    return this.max;
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
    this.#buckets?.fill(0);
  }
}

const EXACT = 64;
/** Buckets for each doubling above `EXACT`. */
const STEPS = 32;
const DOUBLINGS = 31 - 6;
const BUCKET_COUNT = EXACT + DOUBLINGS * STEPS;

function bucketOf(value: number): number {
  const whole = Math.min(value, 2 ** 31 - 1) | 0;
  if (whole < EXACT) return Math.max(whole, 0);
  const exponent = 31 - Math.clz32(whole);
  // The five bits behind the leading one.
  const step = (whole >>> (exponent - 5)) & (STEPS - 1);
  return EXACT + (exponent - 6) * STEPS + step;
}

function upperBoundOf(index: number): number {
  if (index < EXACT) return index;
  const exponent = 6 + Math.floor((index - EXACT) / STEPS);
  const step = (index - EXACT) % STEPS;
  return 2 ** (exponent - 5) * (STEPS + step + 1) - 1;
}
