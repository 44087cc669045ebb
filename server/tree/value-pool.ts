/** Smaller ones lie on V8's own heap and cost little; larger ones are too rare to keep. */
const POOLED_BYTES_MIN = 65;
export const POOLED_BYTES_MAX: number = 64 << 10;
/**
 * Values of up to so many bytes share chunks of memory. A buffer of its own costs each four heap objects, and whoever
 * writes to it two cache misses before the first byte.
 */
const SHARING_BYTES_MAX = 4096;
const CHUNK_BYTES_MAX = 16 << 10;
/**
 * One value that stays keeps all of its chunk from being given back when those around it go. So they are few and about
 * as large as itself, or who leaves a small one in each chunk would take far more memory than is counted as theirs.
 */
const CHUNK_VALUES_MAX = 16;
/** Of a line of the processor's cache. */
const ALIGNMENT_BYTES = 64;
/** How much may wait to be used again. */
const KEPT_BYTES_MAX = 16 << 20;

interface Chunk {
  readonly buffer: ArrayBuffer;
  /** Up to here it is values'. */
  used: number;
}

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
  /** By the number of bits of a value's length: one for all of at most twice the length of the smallest. */
  readonly #chunks: Chunk[] = [];

  /** The bytes of `data`, a view of memory that will be used again, in a buffer of their own. */
  copyOf(data: Uint8Array | null): Uint8Array | null {
    if (data === null) return null;
    const { length } = data;
    let buffer = isPooled(length) ? this.#freeOf(length).pop() : undefined;
    if (buffer !== undefined) this.#keptBytes -= length;
    else if (isPooled(length) && length <= SHARING_BYTES_MAX) buffer = this.#carve(length);
    // Not `data.slice()`: a chunk of a socket is a Node Buffer, whose slice is another view of it.
    else return new Uint8Array(data);
    buffer.set(data);
    return buffer;
  }

  /** Nobody uses this buffer of so many bytes any more. */
  release(buffer: Uint8Array | null, length: number): void {
    if (buffer === null || !isPooled(length)) return;
    if (this.#keptBytes + length > KEPT_BYTES_MAX) return;
    this.#keptBytes += length;
    this.#freeOf(length).push(buffer);
  }

  /** Touches the next `count` buffers, if they are of the length that was asked for last. */
  touch(count: number): number {
    let seen = 0;
    const free = this.#recent;
    for (let i = Math.max(0, free.length - count); i < free.length; i++) {
      const buffer = free[i] as Uint8Array;
      seen += (buffer[0] as number) + (buffer[buffer.length - 1] as number);
    }
    return seen;
  }

  #carve(length: number): Uint8Array {
    const bits = 32 - Math.clz32(length - 1);
    let chunk = this.#chunks[bits];
    if (chunk === undefined || chunk.used + length > chunk.buffer.byteLength) {
      const bytes = Math.min(CHUNK_BYTES_MAX, CHUNK_VALUES_MAX << bits);
      this.#chunks[bits] = chunk = { buffer: new ArrayBuffer(bytes), used: 0 };
    }
    const buffer = new Uint8Array(chunk.buffer, chunk.used, length);
    chunk.used += Math.ceil(length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return buffer;
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
