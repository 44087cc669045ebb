import { ByteReader } from './byte-reader.ts';
import { KeyStoreError } from './key-store-error.ts';

/** The tags of what stores are made of; `explicit` and `implicit` are those of a field [0]. */
export const Der = {
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  explicit: 0xa0,
  implicit: 0x80,
} as const;

/** Goes through values of DER, one behind the other. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#reader = new ByteReader(bytes);
  }

  get hasMore(): boolean {
    return this.#reader.left > 0;
  }

  /** Whether the next value is there and has this tag. */
  isNext(tag: number): boolean {
    return this.#bytes[this.#bytes.length - this.#reader.left] === tag;
  }

  /** What is in the next value, which must have this tag. */
  content(tag: number): Uint8Array {
    const found = this.#reader.uint8();
    if (found !== tag) throw new KeyStoreError(`a value of type ${found} where ${tag} must be`);
    return this.#reader.bytes(this.#length());
  }

  /** The values in the next value. */
  inside(tag: number): DerReader {
    return new DerReader(this.content(tag));
  }

  /** As `1.2.840…`. */
  oid(): string {
    const arcs: number[] = [];
    let arc = 0;
    for (const byte of this.content(Der.oid)) {
      arc = arc * 128 + (byte & 0x7f);
      if (byte >= 0x80) continue;
      if (arcs.length === 0) {
        const first = Math.min(2, Math.floor(arc / 40));
        arcs.push(first, arc - 40 * first);
      } else arcs.push(arc);
      arc = 0;
    }
    return arcs.join('.');
  }

  /** @throws KeyStoreError if it is below 0 or above `max`. */
  integer(max: number): number {
    const bytes = this.content(Der.integer);
    let value = bytes.length === 0 || (bytes[0] as number) >= 0x80 ? -1 : 0;
    if (value === 0) for (const byte of bytes) value = value * 256 + byte;
    if (value < 0 || value > max) throw new KeyStoreError('a number that is too large');
    return value;
  }

  #length(): number {
    const first = this.#reader.uint8();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    // Four bytes are more than any file has; 0x80 alone means that the end is marked, which is not DER.
    if (size === 0 || size > 4) throw new KeyStoreError('it is not in DER');
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + this.#reader.uint8();
    return length;
  }
}
