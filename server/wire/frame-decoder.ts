import { StreamDecoder } from './stream-decoder.ts';
import { WireError } from './wire-error.ts';

const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into frames (`i32 length ‖ payload`, protocol §1.2), whatever its segmentation. After
 * `next()` has returned true, `start` and `end` delimit a frame's payload inside `bytes` and `view` until the
 * next call.
 */
export class FrameDecoder extends StreamDecoder {
  /** Of the payload. */
  start = 0;
  end = 0;

  #limit: number;

  /** `limit`: the longest payload that is let through, in bytes. */
  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
  }

  /**
   * Moves to the next whole frame.
   * @throws WireError `frame-length` as soon as a length is seen that is negative or above the limit.
   */
  override next(): boolean {
    for (;;) {
      const have = this.filled - this.position;
      let needed = LENGTH_BYTES;
      if (have >= LENGTH_BYTES) {
        needed = LENGTH_BYTES + this.#length();
        if (have >= needed) {
          this.start = this.position + LENGTH_BYTES;
          this.end = this.position + needed;
          this.position = this.end;
          return true;
        }
      }
      if (!this.extend(needed)) return false;
    }
  }

  /** Where the next frame begins in `bytes`, and where what has come of it and of those behind it ends. */
  get ahead(): number {
    return this.position;
  }

  get aheadEnd(): number {
    return this.filled;
  }

  #length(): number {
    const length = this.view.getInt32(this.position);
    if (length < 0 || length > this.#limit) {
      throw new WireError('frame-length', `frame of ${length} bytes, the limit is ${this.#limit}`);
    }
    return length;
  }
}
