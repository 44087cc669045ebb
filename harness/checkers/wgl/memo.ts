const HEADER_WORDS = 3;
const CELLS_MIN = 64;
const NO_ENTRY = -1;

/**
 * The configurations that a search has met: which operations are placed, and what state that led to.
 *
 * A configuration is found by a hash and then compared in full, so that there is no false hit, however many there
 * are: one would cut off a part of the search that was never made, and convict a correct server. What has to be
 * compared is small. With the first operation that has returned and isn't placed yet everything is said of those
 * that returned before (all placed) and of those that were called after it returned (none is); only for the few that
 * ran beside it at that moment is there a bit in the mask.
 */
export class Memo {
  readonly #maskWords: number;
  readonly #stride: number;
  /** Entry after entry: hash, first operation, state, mask. */
  #entries: Int32Array;
  #size = 0;
  /** Open addressing: the number of an entry, or NO_ENTRY. A power of two, at most half full. */
  #cells: Int32Array;

  constructor(maskWords: number) {
    this.#maskWords = maskWords;
    this.#stride = HEADER_WORDS + maskWords;
    this.#cells = new Int32Array(CELLS_MIN).fill(NO_ENTRY);
    this.#entries = new Int32Array((CELLS_MIN / 2) * this.#stride);
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#cells.byteLength + this.#entries.byteLength;
  }

  /** Whether it is new. `hash` must be the same for the same configuration. */
  add(hash: number, first: number, state: number, mask: Int32Array): boolean {
    const cellMask = this.#cells.length - 1;
    let cell = scramble(hash) & cellMask;
    for (;;) {
      const entry = this.#cells[cell] ?? NO_ENTRY;
      if (entry === NO_ENTRY) break;
      if (this.#isAt(entry * this.#stride, hash, first, state, mask)) return false;
      cell = (cell + 1) & cellMask;
    }
    if ((this.#size + 1) * 2 > this.#cells.length) {
      this.#grow();
      cell = this.#freeCell(hash);
    }
    this.#cells[cell] = this.#size;
    const at = this.#size * this.#stride;
    this.#entries[at] = hash;
    this.#entries[at + 1] = first;
    this.#entries[at + 2] = state;
    for (let word = 0; word < this.#maskWords; word++) {
      this.#entries[at + HEADER_WORDS + word] = mask[word] ?? 0;
    }
    this.#size++;
    return true;
  }

  #isAt(at: number, hash: number, first: number, state: number, mask: Int32Array): boolean {
    const entries = this.#entries;
    if (entries[at] !== hash || entries[at + 1] !== first || entries[at + 2] !== state) return false;
    for (let word = 0; word < this.#maskWords; word++) {
      if (entries[at + HEADER_WORDS + word] !== mask[word]) return false;
    }
    return true;
  }

  #grow(): void {
    const entries = new Int32Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#cells = new Int32Array(this.#cells.length * 2).fill(NO_ENTRY);
    for (let entry = 0; entry < this.#size; entry++) {
      this.#cells[this.#freeCell(entries[entry * this.#stride] ?? 0)] = entry;
    }
  }

  #freeCell(hash: number): number {
    const cellMask = this.#cells.length - 1;
    let cell = scramble(hash) & cellMask;
    while (this.#cells[cell] !== NO_ENTRY) cell = (cell + 1) & cellMask;
    return cell;
  }
}

/** Spreads neighbouring numbers over all 32 bits (the finaliser of MurmurHash3), one to one. */
export function scramble(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
