/**
 * Things that expire, in buckets of one tick: moving one costs two set operations and no timer. An expiry is
 * rounded up to the end of its bucket, `((now + timeout) / tick + 1) * tick` (protocol §1.3), so nothing ever
 * expires early.
 */
export class ExpiryQueue<T> {
  readonly #tickMs: number;
  readonly #buckets = new Map<number, Set<T>>();
  readonly #bucketOf = new Map<T, number>();
  #nextBucket: number;

  /** `nowMs` and every other time here: ms of one monotonic clock. */
  constructor(tickMs: number, nowMs: number) {
    this.#tickMs = tickMs;
    this.#nextBucket = this.#roundUp(nowMs);
  }

  /** Adds the item, or moves it to where `timeoutMs` from now ends. */
  update(item: T, timeoutMs: number, nowMs: number): void {
    const bucket = this.#roundUp(nowMs + timeoutMs);
    const current = this.#bucketOf.get(item);
    if (current === bucket) return;
    if (current !== undefined) this.#takeOut(item, current);
    this.#bucketOf.set(item, bucket);
    const items = this.#buckets.get(bucket);
    if (items === undefined) this.#buckets.set(bucket, new Set([item]));
    else items.add(item);
  }

  remove(item: T): void {
    const bucket = this.#bucketOf.get(item);
    if (bucket === undefined) return;
    this.#bucketOf.delete(item);
    this.#takeOut(item, bucket);
  }

  /** Removes and returns what has expired by now, oldest bucket first. */
  poll(nowMs: number): readonly T[] {
    const expired: T[] = [];
    for (; this.#nextBucket <= nowMs; this.#nextBucket += this.#tickMs) {
      const items = this.#buckets.get(this.#nextBucket);
      if (items === undefined) continue;
      this.#buckets.delete(this.#nextBucket);
      for (const item of items) {
        this.#bucketOf.delete(item);
        expired.push(item);
      }
    }
    return expired;
  }

  get size(): number {
    return this.#bucketOf.size;
  }

  /** Never more than there are items: who does not poll, as a follower does not, keeps no empty ones. */
  get bucketCount(): number {
    return this.#buckets.size;
  }

  /** What expires when (ms), earliest first. */
  buckets(): readonly (readonly [number, ReadonlySet<T>])[] {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }

  #takeOut(item: T, bucket: number): void {
    const items = this.#buckets.get(bucket);
    items?.delete(item);
    if (items?.size === 0) this.#buckets.delete(bucket);
  }

  #roundUp(timeMs: number): number {
    return (Math.floor(timeMs / this.#tickMs) + 1) * this.#tickMs;
  }
}
