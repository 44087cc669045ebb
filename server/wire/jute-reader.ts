import type { SessionId } from '../base/session-id.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import type { Zxid } from '../base/zxid.ts';
import { WireError } from './wire-error.ts';

const TWO_32 = 2 ** 32;
const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

/**
 * Reads Jute primitives (protocol §1.1) in place from a range of a byte array. Nothing is copied: `buffer()`
 * returns a view of the source, and who keeps it longer than the source lives must copy it.
 *
 * One reader can be pointed at one frame after another with `reset`, which allocates nothing.
 * Every method throws `WireError` rather than read beyond the end.
 */
export class JuteReader {
  #bytes: Uint8Array = EMPTY;
  #view: DataView = EMPTY_VIEW;
  #offset = 0;
  #end = 0;

  constructor(bytes?: Uint8Array) {
    if (bytes !== undefined) {
      this.reset(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
    }
  }

  /** Points the reader at `[start, end)` of `bytes`; `view` covers exactly the memory of `bytes`. */
  reset(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.#bytes = bytes;
    this.#view = view;
    this.#offset = start;
    this.#end = end;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  /** Goes back to an `offset` it was at since the last `reset`, to read from there once more. */
  rewind(offset: number): void {
    this.#offset = offset;
  }

  /** What has not been read yet, as a view. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#offset, this.#end);
  }

  bool(): boolean {
    return this.byte() !== 0;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  int(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  /**
   * A 64-bit integer as a double. Exact within ±2^53, which holds for every time and every zxid of an epoch
   * below 2^21; beyond that it rounds, but monotonically, so "is it larger than ours" stays right.
   */
  long(): number {
    const at = this.#advance(8);
    return this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4);
  }

  zxid(): Zxid {
    return this.long() as Zxid;
  }

  bigLong(): bigint {
    return this.#view.getBigInt64(this.#advance(8));
  }

  sessionId(): SessionId {
    return this.bigLong() as SessionId;
  }

  /** A view of the source, or null for the length −1. */
  buffer(): Uint8Array | null {
    const length = this.int();
    if (length === -1) return null;
    const at = this.#advanceBy(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Null reads as the empty string; where the two differ, use `nullableString`. */
  string(): string {
    return this.nullableString() ?? '';
  }

  nullableString(): string | null {
    const length = this.int();
    if (length === -1) return null;
    const at = this.#advanceBy(length);
    return decodeUtf8(this.#bytes, at, at + length);
  }

  /**
   * Items are read one by one and the array grows with them, so a count that was made up costs its sender
   * bytes before it costs us memory. Every item takes at least one byte.
   */
  vector<T>(readItem: (reader: JuteReader) => T): T[] | null {
    const count = this.#count();
    if (count === -1) return null;
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(readItem(this));
    return items;
  }

  /** A vector of strings; a null among them reads as the empty string. */
  strings(): string[] | null {
    const count = this.#count();
    if (count === -1) return null;
    const items: string[] = [];
    for (let i = 0; i < count; i++) items.push(this.string());
    return items;
  }

  /** The next `int()`, which stays unread. */
  peekInt(): number {
    const value = this.int();
    this.#offset -= 4;
    return value;
  }

  /**
   * Steps into a buffer whose content is itself a record: until `leaveBuffer`, the reader ends where the buffer
   * does. Returns what `leaveBuffer` needs. A `WireError` in between leaves the reader inside.
   */
  enterBuffer(): number {
    const length = this.int();
    const outerEnd = this.#end;
    const at = this.#advanceBy(length);
    this.#offset = at;
    this.#end = at + length;
    return outerEnd;
  }

  /** Steps out, past anything in the buffer that was not read. */
  leaveBuffer(outerEnd: number): void {
    this.#offset = this.#end;
    this.#end = outerEnd;
  }

  #count(): number {
    const count = this.int();
    if (count < -1) throw new WireError('length', `vector of ${count} items`);
    if (count > this.remaining) {
      throw new WireError('truncated', `vector of ${count} items in ${this.remaining} bytes`);
    }
    return count;
  }

  #advanceBy(length: number): number {
    if (length < 0) throw new WireError('length', `field of length ${length}`);
    return this.#advance(length);
  }

  #advance(length: number): number {
    const at = this.#offset;
    if (length > this.#end - at) {
      throw new WireError('truncated', `${length} bytes wanted at offset ${at}, ${this.#end - at} left`);
    }
    this.#offset = at + length;
    return at;
  }
}
