import type { DiskFile } from './disk.ts';
import { type DiskScript, readFile } from './disk-script.ts';

const FIRST_BYTES = 16 << 10;

/**
 * A stretch of a file in memory that moves forward: whoever parses reads between `position` and `end` of
 * `bytes`, and calls `fill` when that is not enough. A window doubles with each filling up to its size, so that a short file costs little; it
 * becomes larger than that only if one item needs it.
 */
export class FileWindow {
  readonly #file: DiskFile;
  readonly #sizeBytes: number;
  bytes: Uint8Array;
  /** Covers exactly the memory of `bytes`. */
  view: DataView;
  /** The first byte not consumed. */
  position = 0;
  end = 0;
  /** Where in the file `bytes[0]` stands. */
  #base = 0;

  constructor(file: DiskFile, sizeBytes: number, offset = 0) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
    this.bytes = new Uint8Array(Math.min(sizeBytes, FIRST_BYTES));
    this.view = new DataView(this.bytes.buffer);
    this.#base = offset;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Where in the file the first byte not consumed stands. */
  get offset(): number {
    return this.#base + this.position;
  }

  get available(): number {
    return this.end - this.position;
  }

  /**
   * Moves on until at least `needed` bytes lie between `position` and `end`. False if the file ends before;
   * what there is of it is then in the window. Views of `bytes` handed out before become invalid.
   */
  *fill(needed: number): DiskScript<boolean> {
    this.#makeRoom(needed);
    while (this.available < needed) {
      const length = yield* readFile(this.#file, this.bytes.subarray(this.end), this.#base + this.end);
      if (length === 0) return false;
      this.end += length;
    }
    return true;
  }

  #makeRoom(needed: number): void {
    const from = this.bytes;
    const isFirst = this.end === 0;
    const doubled = 2 * from.length;
    const length = needed > from.length ? Math.max(needed, doubled) : Math.min(this.#sizeBytes, doubled);
    if (length > from.length && (!isFirst || needed > from.length)) {
      this.bytes = new Uint8Array(length);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(from.subarray(this.position, this.end));
    this.#base += this.position;
    this.end -= this.position;
    this.position = 0;
  }
}
