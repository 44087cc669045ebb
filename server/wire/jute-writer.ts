import { encodeUtf8Into } from '../base/utf8.ts';

const TWO_32 = 2 ** 32;

/**
 * Writes Jute primitives (protocol §1.1) into one buffer that grows and is used again: `clear` forgets the
 * content and keeps the memory. `bytes()` is a view that is good until the next write or `clear`.
 */
export class JuteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The memory behind `bytes()`, valid until the next write grows it; for checksums and copies in place. */
  get memory(): Uint8Array {
    return this.#bytes;
  }

  /** Covers `memory`, and is valid as long. */
  get view(): DataView {
    return this.#view;
  }

  /** Hands out the content and starts over with fresh memory: for bytes that must outlive the next `clear`. */
  take(): Uint8Array {
    const taken = this.bytes();
    this.#bytes = new Uint8Array(this.#bytes.length);
    this.#view = new DataView(this.#bytes.buffer);
    this.#length = 0;
    return taken;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Forgets everything from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  byte(value: number): void {
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
  }

  int(value: number): void {
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
  }

  /** An integer within ±2^53 as 64 bits. */
  long(value: number): void {
    const at = this.#advance(8);
    const high = Math.floor(value / TWO_32);
    this.#view.setInt32(at, high);
    this.#view.setUint32(at + 4, value - high * TWO_32);
  }

  bigLong(value: bigint): void {
    const at = this.#advance(8);
    this.#view.setBigInt64(at, value);
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    const at = this.#advance(4 + value.length);
    this.#view.setInt32(at, value.length);
    this.#bytes.set(value, at + 4);
  }

  string(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    const at = this.#length;
    this.#advance(4 + 3 * value.length);
    const end = encodeUtf8Into(value, this.#bytes, at + 4);
    this.#view.setInt32(at, end - at - 4);
    this.#length = end;
  }

  vector<T>(items: readonly T[] | null, writeItem: (writer: JuteWriter, item: T) => void): void {
    if (items === null) {
      this.int(-1);
      return;
    }
    this.int(items.length);
    for (const item of items) writeItem(this, item);
  }

  strings(items: readonly string[] | null): void {
    if (items === null) {
      this.int(-1);
      return;
    }
    this.int(items.length);
    for (const item of items) this.string(item);
  }

  /** Bytes as they are, without a length before them. */
  raw(value: Uint8Array): void {
    const at = this.#advance(value.length);
    this.#bytes.set(value, at);
  }

  /** Leaves four bytes for a length (or any int) that `patchInt` fills in later; returns where they are. */
  reserveInt(): number {
    return this.#advance(4);
  }

  /** Leaves `length` bytes to be filled in later; returns where they are. Their content is undefined. */
  reserve(length: number): number {
    return this.#advance(length);
  }

  patchInt(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** An unsigned 32-bit value, zero-extended to 64 bits: how checksums stand in the files (protocol §3). */
  patchUnsignedLong(at: number, value: number): void {
    this.#view.setUint32(at, 0);
    this.#view.setUint32(at + 4, value);
  }

  /** Closes a frame: the int at `at` becomes the number of bytes behind it. */
  endFrame(at: number): void {
    this.#view.setInt32(at, this.#length - at - 4);
  }

  /**
   * Makes room and returns where it begins. May replace `#bytes` and `#view`, so callers take those only after it
   * has returned.
   */
  #advance(length: number): number {
    const at = this.#length;
    const end = at + length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#length = end;
    return at;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
