import { assert } from '../base/assert.ts';
import { follows, ZXID_ZERO, type Zxid } from '../base/zxid.ts';

/** Entries are copied into chunks of this size; one larger than that gets a chunk of its own. */
const CHUNK_BYTES = 256 << 10;
/** What is logged comes and goes in bursts as long as all that clients have in flight: so many chunks wait for the next. */
const SPARES_MAX = 32;
/** How many forgotten slots are left at the front before the arrays are moved up. */
const SLACK = 4096;

/** Memory of entries, used again when all of them are forgotten. */
interface Chunk {
  readonly bytes: Uint8Array;
  used: number;
  /** Entries in it that are not forgotten. */
  live: number;
}

/**
 * The end of the history in memory, as bytes: what was logged last, the committed part first and behind it what
 * is still outstanding (`committedLog` and `outstandingProposals` in one). A leader brings learners up to date
 * from it without reading its disk (protocol §4.4), and every server keeps one because any may lead next.
 *
 * It never has a gap (B16, P11): what does not follow is a bug of ours and asserted.
 */
export class TxnWindow {
  readonly #countMin: number;
  readonly #bytesMax: number;
  #zxids: Zxid[] = [];
  /** Of each entry: the chunk it is in, and where in it. Numbers, because a view for each would be long-lived garbage. */
  #chunks: Chunk[] = [];
  #starts: number[] = [];
  #lengths: number[] = [];
  /** Slots before this one are forgotten. */
  #head = 0;
  /** Slots before this one are committed. */
  #committedTo = 0;
  #bytes = 0;
  #base: Zxid = ZXID_ZERO;
  /** Where the next entry goes. */
  #current = newChunk(CHUNK_BYTES);
  readonly #spares: Chunk[] = [];

  /**
   * Of committed entries the last `countMin` are always kept (`commitLogCount`), and more as long as all
   * together are below `bytesMax`.
   */
  constructor(options: { readonly countMin: number; readonly bytesMax: number }) {
    this.#countMin = options.countMin;
    this.#bytesMax = options.bytesMax;
  }

  /** The txn before the first one here: a learner that has exactly this one can be served from here. */
  get base(): Zxid {
    return this.#base;
  }

  /** The last committed one; `base` if there is none here. */
  get committed(): Zxid {
    return this.#committedTo === this.#head ? this.#base : (this.#zxids[this.#committedTo - 1] as Zxid);
  }

  /** The last one logged, committed or not. */
  get last(): Zxid {
    return this.#zxids.length === this.#head ? this.#base : (this.#zxids.at(-1) as Zxid);
  }

  get length(): number {
    return this.#zxids.length - this.#head;
  }

  /** How many of them are committed. */
  get committedCount(): number {
    return this.#committedTo - this.#head;
  }

  /** Forgets everything: the history up to `base` has come by other ways. */
  reset(base: Zxid): void {
    this.#zxids = [];
    this.#chunks = [];
    this.#starts = [];
    this.#lengths = [];
    this.#current = newChunk(CHUNK_BYTES);
    this.#head = 0;
    this.#committedTo = 0;
    this.#bytes = 0;
    this.#base = base;
  }

  /** Takes a copy of the txn entry as outstanding. */
  append(zxid: Zxid, entry: Uint8Array): void {
    assert(follows(zxid, this.last), 'a gap in the history');
    this.#zxids.push(zxid);
    const chunk = this.#roomFor(entry.length);
    this.#chunks.push(chunk);
    this.#starts.push(chunk.used);
    this.#lengths.push(entry.length);
    chunk.bytes.set(entry, chunk.used);
    chunk.used += entry.length;
    chunk.live++;
    this.#bytes += entry.length;
  }

  /** Everything up to `zxid` is committed. */
  commitThrough(zxid: Zxid): void {
    assert(zxid <= this.last, 'committed before it was logged');
    while (this.#committedTo < this.#zxids.length && (this.#zxids[this.#committedTo] as Zxid) <= zxid) {
      this.#committedTo++;
    }
    while (this.committedCount > this.#countMin && this.#bytes > this.#bytesMax) this.#forgetFirst();
    if (this.#head > SLACK) this.#moveUp();
  }

  zxidAt(index: number): Zxid {
    return this.#zxids[this.#head + index] as Zxid;
  }

  /** A view, good until the window changes. */
  entryAt(index: number): Uint8Array {
    const slot = this.#head + index;
    const start = this.#starts[slot] as number;
    return (this.#chunks[slot] as Chunk).bytes.subarray(start, start + (this.#lengths[slot] as number));
  }

  /** The index of the first entry at or above `zxid`; `length` if there is none. */
  indexFrom(zxid: Zxid): number {
    let low = this.#head;
    let high = this.#zxids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#zxids[middle] as Zxid) < zxid) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }

  #forgetFirst(): void {
    const chunk = this.#chunks[this.#head] as Chunk;
    this.#base = this.#zxids[this.#head] as Zxid;
    this.#bytes -= this.#lengths[this.#head] as number;
    this.#head++;
    chunk.live--;
    if (chunk !== this.#current) this.#useAgain(chunk);
  }

  #moveUp(): void {
    this.#zxids.splice(0, this.#head);
    this.#chunks.splice(0, this.#head);
    this.#starts.splice(0, this.#head);
    this.#lengths.splice(0, this.#head);
    this.#committedTo -= this.#head;
    this.#head = 0;
  }

  #roomFor(bytes: number): Chunk {
    if (bytes > CHUNK_BYTES) return newChunk(bytes);
    const full = this.#current;
    if (full.used + bytes <= CHUNK_BYTES) return full;
    this.#current = this.#spares.pop() ?? newChunk(CHUNK_BYTES);
    this.#useAgain(full);
    return this.#current;
  }

  #useAgain(chunk: Chunk): void {
    if (chunk.live > 0 || chunk.bytes.length !== CHUNK_BYTES || this.#spares.length === SPARES_MAX) return;
    chunk.used = 0;
    this.#spares.push(chunk);
  }
}

function newChunk(bytes: number): Chunk {
  return { bytes: new Uint8Array(bytes), used: 0, live: 0 };
}
