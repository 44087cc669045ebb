import { hashOfAscii } from '../base/text-hash.ts';
import { likelyText } from '../base/utf8.ts';
import type { DataTree } from '../tree/data-tree.ts';

/** As many requests as the processor can wait for memory for at once, and few enough to still be there when it comes. */
const FRAMES = 8;
/** Of a frame: length, xid and opcode stand before what is the path of nearly every request, with its length. */
const PATH_LENGTH_AT = 12;
const PATH_AT = 16;
/** Of a longer path not even a guess is to be had, so that nobody makes us read theirs twice. */
const PATH_BYTES_MAX = 96;

/**
 * Touches what the next requests of a connection will need, all of them before the first is served. In a tree larger
 * than the processor's caches each request meets a dozen cache misses, one after the other, since each tells where the
 * next will be; those of several requests at once take hardly longer than those of one.
 *
 * It is a guess and nothing else: whatever these bytes are, nothing comes of them here.
 */
export class LookAhead {
  readonly #tree: DataTree;
  readonly #hashes: number[] = new Array<number>(FRAMES).fill(0);
  readonly #texts: string[] = new Array<string>(FRAMES).fill('');
  /** Makes a result of what is read, or it would not be. */
  seen = 0;

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  /**
   * Frames begin at `position`, and what has come ends at `end`. @returns how many of them were looked at: 0 where there
   * is none that can be one, whole and with a path in it.
   */
  at(view: DataView, bytes: Uint8Array, position: number, end: number): number {
    const hashes = this.#hashes;
    let count = 0;
    for (let at = position; count < FRAMES && at + PATH_AT < end; count++) {
      const next = at + 4 + view.getInt32(at);
      const pathEnd = at + PATH_AT + view.getInt32(at + PATH_LENGTH_AT);
      if (next > end || pathEnd > next || pathEnd <= at + PATH_AT) break;
      hashes[count] = hashOfAscii(bytes, at + PATH_AT, Math.min(pathEnd, at + PATH_AT + PATH_BYTES_MAX));
      at = next;
    }
    const texts = this.#texts;
    for (let i = 0; i < count; i++) texts[i] = likelyText(hashes[i] as number);
    let seen = this.#tree.touch(hashes, count);
    for (let i = 0; i < count; i++) seen += (texts[i] as string).length;
    this.seen += seen;
    return count;
  }
}
