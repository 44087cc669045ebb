/** Smaller ones lie on V8's own heap and cost little; larger ones are too rare to keep. */
const POOLED_BYTES_MIN = 65;
export const POOLED_BYTES_MAX: number = 64 << 10;
/** How much may wait to be used again. */
const KEPT_BYTES_MAX = 16 << 20;

/**
 * Memory for the nodes' data. A value that is overwritten leaves a buffer of just the size that the next value
 * of that length needs; a load that writes the same nodes again and again then allocates no memory outside V8's
 * heap, which is slow to get and makes the collector run often.
 *
 * Who releases a buffer is its only owner: whatever is sent or stored of a node is copied first. Larger ones are never
 * used again, and may be held by anybody.
 */
export class ValuePool {
  readonly #free = new Map<number, Uint8Array[]>();
  /** Those of the length that was asked for last: one write is like the one before it. */
  #recent: Uint8Array[] = [];
  #recentLength = -1;
  #keptBytes = 0;

  /** The bytes of `data`, a view of memory that will be used again, in a buffer of their own. */
  copyOf(data: Uint8Array | null): Uint8Array | null {
    if (data === null) return null;
    const buffer = isPooled(data.length) ? this.#freeOf(data.length).pop() : undefined;
    // Not `data.slice()`: a chunk of a socket is a Node Buffer, whose slice is another view of it.
    if (buffer === undefined) return new Uint8Array(data);
    this.#keptBytes -= buffer.length;
    buffer.set(data);
    return buffer;
  }

  /** Nobody uses this buffer any more. */
  release(buffer: Uint8Array | null): void {
    if (buffer === null || !isPooled(buffer.length)) return;
    if (this.#keptBytes + buffer.length > KEPT_BYTES_MAX) return;
    this.#keptBytes += buffer.length;
    this.#freeOf(buffer.length).push(buffer);
  }

  #freeOf(length: number): Uint8Array[] {
    if (length === this.#recentLength) return this.#recent;
    let free = this.#free.get(length);
    if (free === undefined) this.#free.set(length, (free = []));
    this.#recent = free;
    this.#recentLength = length;
    return free;
  }
}

function isPooled(length: number): boolean {
  return length >= POOLED_BYTES_MIN && length <= POOLED_BYTES_MAX;
}
