import { JuteWriter } from '../wire/jute-writer.ts';

/** The length that stands before a name. */
const LENGTH_BYTES = 4;
/** Of a list of fewer names it costs nothing to speak of to write it anew each time. */
const KEPT_FROM = 1024;
/** Names that are gone are looked for in what is kept, all at once; of more of them two are likely to end alike. */
const GONE_MAX = 16;
/** A `JuteWriter` makes room for three bytes for each character of a name before it is written. */
const SLACK_BYTES = 1024;
const PATTERN_SLOT_BITS = 12;
const PATTERN_SLOTS = 1 << PATTERN_SLOT_BITS;

/**
 * The names of a node's children, in the order in which they came. Of a long list the encoding is kept: to make a hundred
 * thousand names, which lie scattered in memory, into bytes takes longer than others should have to wait, and a client that
 * asks for them once asks for them again.
 */
export class Children implements Iterable<string> {
  readonly #names = new Set<string>();
  #approximateBytes = 0;
  /** All names that were there when it was written and have come since. Never changed in place: others may hold it. */
  #encoded: JuteWriter | null = null;
  /** How long it was when somebody asked for it. */
  #askedBytes = 0;
  /** Those in it that are gone. */
  #gone: string[] = [];

  get size(): number {
    return this.#names.size;
  }

  /** About what they take in a reply. */
  get approximateBytes(): number {
    return this.#approximateBytes;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#names[Symbol.iterator]();
  }

  /** One that is there already changes nothing. */
  add(name: string): void {
    const { size } = this.#names;
    if (this.#names.add(name).size === size) return;
    this.#approximateBytes += LENGTH_BYTES + name.length;
    if (this.#encoded === null) return;
    // Of two of that name it would not be known which is gone. And of a list that grows and grows nobody may ask for more.
    if (this.#gone.includes(name) || this.#encoded.length > 2 * this.#askedBytes) this.#forget();
    else this.#encoded.string(name);
  }

  delete(name: string): void {
    if (!this.#names.delete(name)) return;
    this.#approximateBytes -= LENGTH_BYTES + name.length;
    if (this.#encoded === null) return;
    if (this.#gone.push(name) > GONE_MAX || this.#names.size < KEPT_FROM) this.#forget();
  }

  /**
   * All names as they stand in a reply, each behind its length; null if there are too few for that to be kept. Stays as it
   * is for as long as anybody holds it.
   */
  encoded(): Uint8Array | null {
    if (this.#names.size < KEPT_FROM) return null;
    if (this.#encoded !== null && this.#gone.length > 0) this.#encoded = without(this.#encoded, this.#gone);
    this.#gone = [];
    if (this.#encoded === null) {
      this.#encoded = new JuteWriter(this.#approximateBytes + SLACK_BYTES);
      for (const name of this.#names) this.#encoded.string(name);
    }
    this.#askedBytes = this.#encoded.length;
    return this.#encoded.bytes();
  }

  #forget(): void {
    this.#encoded = null;
    this.#gone = [];
  }
}

/**
 * What is between the names that are gone, of each of which there is one. Null if two of them end alike: each name is
 * compared with one of them at most, or names made for it would take longer than to write the list anew.
 */
function without(encoded: JuteWriter, gone: readonly string[]): JuteWriter | null {
  const patterns = new Array<Uint8Array | null>(PATTERN_SLOTS).fill(null);
  for (const name of gone) {
    const writer = new JuteWriter(LENGTH_BYTES + 3 * name.length);
    writer.string(name);
    const slot = slotOf(writer.view, writer.length);
    if (patterns[slot] !== null) return null;
    patterns[slot] = writer.bytes();
  }
  const { view } = encoded;
  const bytes = encoded.bytes();
  const rest = new JuteWriter(bytes.length);
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const end = at + LENGTH_BYTES + view.getInt32(at);
    const pattern = patterns[slotOf(view, end)] as Uint8Array | null;
    if (pattern !== null && pattern.length === end - at && standsAt(pattern, bytes, at)) {
      rest.raw(bytes.subarray(from, at));
      from = end;
    }
    at = end;
  }
  rest.raw(bytes.subarray(from));
  return rest;
}

/** By its last four bytes, of a short name with some of its length. */
function slotOf(view: DataView, end: number): number {
  return Math.imul(view.getInt32(end - 4), 0x9e3779b1) >>> (32 - PATTERN_SLOT_BITS);
}

/** From the end: names of siblings differ in their last characters. */
function standsAt(pattern: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = pattern.length - 1; i >= 0; i--) if (pattern[i] !== bytes[at + i]) return false;
  return true;
}
