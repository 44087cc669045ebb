/**
 * Requests on their way out, one behind the other, so that a turn of the event loop ends in one socket write.
 *
 * The hot path writes into `bytes` and `view` directly and moves `length`, after it has made room with
 * `reserve`; this costs a request no call for each of its fields.
 */
export class OutputBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  /** Memory a socket may still be reading from, to be used again once it has let go. */
  #lent: Uint8Array | null = null;

  constructor(capacity = 16 * 1024) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes sure that `count` more bytes fit. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  content(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** The content has been copied away: start over in the same memory. */
  clear(): void {
    this.length = 0;
  }

  /**
   * The content was handed to someone who still reads it: start over in other memory. `isLentFree` says that
   * whoever had the memory lent before this is done with it, so that two pieces of memory are enough.
   */
  lend(isLentFree: boolean): void {
    const free = isLentFree ? this.#lent : null;
    this.#lent = this.bytes;
    this.#use(free !== null && free.length >= this.bytes.length ? free : new Uint8Array(this.bytes.length));
    this.length = 0;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.#use(larger);
  }

  #use(memory: Uint8Array): void {
    this.bytes = memory;
    this.view = new DataView(memory.buffer);
  }
}
