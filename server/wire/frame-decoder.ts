import { WireError } from './wire-error.ts';

const LENGTH_BYTES = 4;
const EMPTY = new Uint8Array(0);

/**
 * Cuts a byte stream into frames (`i32 length ‖ payload`, protocol §1.2), whatever its segmentation.
 *
 * A frame that lies whole in one chunk is not copied: after `next()` has returned true, `start` and `end`
 * delimit its payload inside `bytes` (and `view`, which covers the same memory) until the next call. Only a
 * frame that spans chunks is put together in a buffer of ours, which grows with the bytes that have come and
 * not with the length that was announced.
 *
 * Usage: `push(chunk)`, then `while (decoder.next()) …`. Who stops before `next()` has returned false calls
 * `keep()` before the chunk's memory is used again.
 */
export class FrameDecoder {
  bytes: Uint8Array = EMPTY;
  view: DataView = new DataView(EMPTY.buffer);
  /** Of the payload. */
  start = 0;
  end = 0;

  /** Where the next frame's length field begins in `bytes`. */
  #position = 0;
  #limit: number;
  /** The chunk that waits behind the frame being put together in `bytes`. */
  #rest: Uint8Array = EMPTY;

  /** `limit`: the longest payload that is let through, in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that have come and do not belong to a frame handed out yet. */
  get buffered(): number {
    return this.bytes.length - this.#position + this.#rest.length;
  }

  push(chunk: Uint8Array): void {
    if (this.#position === this.bytes.length && this.#rest.length === 0) {
      this.#look(chunk);
      return;
    }
    this.#rest = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk);
  }

  /**
   * Moves to the next whole frame.
   * @throws WireError `frame-length` as soon as a length is seen that is negative or above the limit.
   */
  next(): boolean {
    for (;;) {
      const have = this.bytes.length - this.#position;
      if (have >= LENGTH_BYTES) {
        const length = this.view.getInt32(this.#position);
        if (length < 0 || length > this.#limit) {
          throw new WireError('frame-length', `frame of ${length} bytes, the limit is ${this.#limit}`);
        }
        if (have >= LENGTH_BYTES + length) {
          this.start = this.#position + LENGTH_BYTES;
          this.end = this.start + length;
          this.#position = this.end;
          return true;
        }
      }
      if (this.#rest.length === 0) {
        this.keep();
        return false;
      }
      this.#join(have);
    }
  }

  /** Copies what has not been handed out, so that the chunk it came in can be used again. */
  keep(): void {
    if (this.#rest.length > 0) this.#rest = this.#rest.slice();
    if (this.#position === this.bytes.length) this.#look(EMPTY);
    else if (this.#position > 0 || !this.#isOurs) this.#own(this.bytes.slice(this.#position));
  }

  #isOurs = false;

  /** Takes from the waiting chunk what completes the frame begun in `bytes`, and no more. */
  #join(have: number): void {
    let wanted = LENGTH_BYTES - have;
    if (wanted <= 0) wanted = LENGTH_BYTES + this.view.getInt32(this.#position) - have;
    if (have === 0) {
      const chunk = this.#rest;
      this.#rest = EMPTY;
      this.#look(chunk);
      return;
    }
    const taken = Math.min(wanted, this.#rest.length);
    this.#own(concat(this.bytes.subarray(this.#position), this.#rest.subarray(0, taken)));
    this.#rest = this.#rest.subarray(taken);
  }

  #look(chunk: Uint8Array): void {
    this.bytes = chunk;
    this.view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#position = 0;
    this.#isOurs = false;
  }

  #own(bytes: Uint8Array): void {
    this.#look(bytes);
    this.#isOurs = true;
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
