export interface TokenBucketOptions {
  /** Of the bucket, which is full at first. */
  readonly capacity: number;
  /** So many tokens come … */
  readonly fillCount: number;
  /** … every so many ms. */
  readonly fillTimeMs: number;
}

/** Lets so many pass at once, and then so many in a time. Times are ms of one monotonic clock. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: TokenBucketOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.capacity;
    this.#filledAtMs = nowMs;
  }

  /** False if there is none to take. */
  take(nowMs: number): boolean {
    const { capacity, fillCount, fillTimeMs } = this.#options;
    const fills = Math.floor((nowMs - this.#filledAtMs) / fillTimeMs);
    if (fills > 0) {
      this.#tokens = Math.min(capacity, this.#tokens + fills * fillCount);
      this.#filledAtMs += fills * fillTimeMs;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
