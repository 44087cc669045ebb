const ASSEMBLY_BYTES_MIN = 64;
const EMPTY = new Uint8Array(0);

/**
 * What the decoders of a byte stream have in common: bytes come in, in any segmentation, and messages are handed
 * out where they lie.
 *
 * A message that lies whole in one chunk is not copied. Only one that spans chunks is put together in memory of
 * ours. That grows with the bytes that have come, by doubling, and not with the length that was announced: who
 * announces a megabyte has to send it before it costs us one, and who sends it byte by byte has each byte copied
 * a bounded number of times. It is not used again for the next message, so what still looks at an earlier one
 * sees no other bytes.
 *
 * Usage: `push(chunk)`, then `while (decoder.next()) …`. Who stops before `next()` has returned false calls
 * `keep()` before the chunk's memory is used again.
 */
export abstract class StreamDecoder {
  bytes: Uint8Array = EMPTY;
  /** Covers the same memory as `bytes`. */
  view: DataView = new DataView(EMPTY.buffer);

  /** `bytes` from here to `filled` has come and is not handed out; a message begins here. */
  protected position = 0;
  protected filled = 0;
  /** Whether `bytes` is memory of ours, or else a chunk that was pushed. */
  #isOurs = false;
  /** The chunk that waits behind the message being put together in `bytes`. */
  #rest: Uint8Array = EMPTY;

  /** Bytes that have come and do not belong to a message handed out yet. */
  get buffered(): number {
    return this.filled - this.position + this.#rest.length;
  }

  push(bytes: Uint8Array): void {
    // A socket's chunk is a Node Buffer, whose views are Buffers again: slower to make, and `slice` copies nothing.
    const chunk = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.buffered === 0) {
      this.#look(chunk);
      return;
    }
    if (this.#rest.length > 0) this.#append(this.#rest);
    this.#rest = chunk;
  }

  /** Moves to the next whole message. */
  abstract next(): boolean;

  /** Copies what has not been handed out, so that the chunk it came in can be used again. */
  keep(): void {
    const rest = this.#rest;
    this.#rest = EMPTY;
    if (rest.length > 0 || (!this.#isOurs && this.filled > this.position)) this.#append(rest);
    else if (this.filled === this.position) this.#look(EMPTY);
  }

  /**
   * Hands out everything that has come behind the last message, for a stream that goes on in another form, and
   * forgets it. A view, good for as long as the chunk pushed last is.
   */
  takeRest(): Uint8Array {
    if (this.#rest.length > 0 && this.filled > this.position) this.#append(this.#rest);
    const rest = this.filled > this.position ? this.bytes.subarray(this.position, this.filled) : this.#rest;
    this.#rest = EMPTY;
    this.#look(EMPTY);
    return rest;
  }

  /**
   * Brings more bytes between `position` and `filled`, so that there are `needed` of them if as many have come.
   * False if nothing has come that is not there already.
   */
  protected extend(needed: number): boolean {
    if (this.#rest.length === 0) {
      this.keep();
      return false;
    }
    this.#join(this.filled - this.position, needed);
    return true;
  }

  /** Takes from the waiting chunk what completes the `needed` bytes of which there are `have`, and no more. */
  #join(have: number, needed: number): void {
    const rest = this.#rest;
    if (have === 0) {
      this.#rest = EMPTY;
      this.#look(rest);
      return;
    }
    const taken = Math.min(needed - have, rest.length);
    this.#append(rest.subarray(0, taken), needed);
    this.#rest = rest.subarray(taken);
  }

  /**
   * Puts `more` behind what is not handed out, in memory of ours. `expected`: how many bytes that will be at
   * most, if it is known; more room than this is not taken.
   */
  #append(more: Uint8Array, expected = Number.POSITIVE_INFINITY): void {
    const have = this.filled - this.position;
    const needed = have + more.length;
    if (!this.#isOurs || this.filled + more.length > this.bytes.length) {
      const roomy = Math.max(ASSEMBLY_BYTES_MIN, Math.min(2 * needed, expected));
      const larger = new Uint8Array(Math.max(needed, roomy));
      larger.set(this.bytes.subarray(this.position, this.filled));
      this.#look(larger);
      this.filled = have;
      this.#isOurs = true;
    }
    this.bytes.set(more, this.filled);
    this.filled += more.length;
  }

  #look(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.filled = bytes.length;
    this.#isOurs = false;
  }
}
