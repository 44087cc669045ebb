import { close, openSync, write, writeSync } from 'node:fs';
import { assert } from '../../server/base/assert.ts';
import {
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  endMark,
  fileHeader,
  HistoryError,
  sealBlock,
} from './history-file.ts';
import { CodecState, OP_BYTES_MAX, writeOp } from './op-codec.ts';
import type { Op } from './op.ts';

/** Blocks that may wait for the disk; one more and `record` writes synchronously. 16 MiB. */
const WAITING_BLOCKS_MAX = 256;

/**
 * Writes what one generator process did to a file, as it happens.
 *
 * `record` only encodes into memory. Full blocks go to the file one after another in the background; the
 * caller seals a block that isn't full with `flush`, at an interval that says how much a kill may lose.
 * Memory is bounded: if the disk can't keep up, `record` waits for it, which the generator then measures as
 * its own lag, and `stalls` counts. No operation is ever dropped silently: after a failed write the file
 * gets no end mark, `close` rejects, and whoever judges the history sees that it was cut.
 */
export class HistoryWriter {
  readonly #path: string;
  readonly #fd: number;
  readonly #state = new CodecState();
  readonly #waiting: Uint8Array[] = [];
  readonly #spare: Uint8Array[] = [];
  #block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  #at = BLOCK_HEADER_BYTES;
  #blockOps = 0;
  #ops = 0;
  #stalls = 0;
  /** Where the next block goes. Explicit, so that a synchronous write can overtake nothing. */
  #position = 0;
  #isWriting = false;
  #isClosed = false;
  #failure: Error | null = null;
  #onIdle: (() => void) | null = null;

  /**
   * Makes the file at `path`, or takes `fd` as it, already open and empty.
   *
   * @throws if `path` exists or its directory doesn't: a history is never overwritten.
   */
  constructor(path: string, fd: number = openSync(path, 'wx')) {
    this.#path = path;
    this.#fd = fd;
    this.#writeNow(fileHeader());
  }

  /** Operations recorded so far. */
  get ops(): number {
    return this.#ops;
  }

  /** How often `record` had to wait for the disk. */
  get stalls(): number {
    return this.#stalls;
  }

  /** Copies what it needs: `op` may be filled anew at once. */
  record(op: Op): void {
    assert(!this.#isClosed, 'an operation was recorded after the history was closed');
    if (this.#at + OP_BYTES_MAX > BLOCK_BYTES) this.flush();
    this.#at = writeOp(this.#block, this.#at, op, this.#state);
    this.#blockOps++;
    this.#ops++;
  }

  /** Sends off what is in memory. Does not wait for it. */
  flush(): void {
    if (this.#blockOps === 0) return;
    const sealed = this.#block.subarray(0, this.#at);
    sealBlock(sealed, this.#blockOps);
    this.#at = BLOCK_HEADER_BYTES;
    this.#blockOps = 0;
    // After a failure the blocks are still encoded and counted, so that `record` needs no second path.
    if (this.#failure !== null) return;

    this.#block = this.#spare.pop() ?? new Uint8Array(BLOCK_BYTES);
    this.#waiting.push(sealed);
    if (!this.#isWriting) this.#writeNext();
    if (this.#waiting.length > WAITING_BLOCKS_MAX) this.#stall();
  }

  /**
   * Writes what is left and the mark that nothing is missing.
   *
   * @throws HistoryError WRITE_FAILED if this or any earlier write failed: the file is then cut.
   */
  async close(): Promise<void> {
    assert(!this.#isClosed, 'a history was closed twice');
    this.flush();
    this.#isClosed = true;
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    try {
      if (this.#failure === null) this.#writeNow(endMark(this.#ops));
    } finally {
      await new Promise<void>((resolve) => close(this.#fd, () => resolve()));
    }
    if (this.#failure !== null) {
      throw new HistoryError('WRITE_FAILED', `${this.#path} is not complete`, { cause: this.#failure });
    }
  }

  /** One write at a time, so that blocks stand in order. */
  #writeNext(): void {
    const block = this.#waiting.shift();
    this.#isWriting = block !== undefined;
    if (block === undefined) {
      this.#onIdle?.();
      return;
    }
    write(this.#fd, block, 0, block.length, this.#position, (error, written) => {
      if (error === null && written < block.length) {
        error = new Error(`wrote ${written} of ${block.length} bytes`);
      }
      if (error !== null) this.#fail(error);
      this.#spare.push(new Uint8Array(block.buffer));
      this.#writeNext();
    });
    this.#position += block.length;
  }

  /** The block that is being written keeps its place; the waiting ones go after it, now. */
  #stall(): void {
    this.#stalls++;
    for (const block of this.#waiting.splice(0)) {
      this.#writeNow(block);
      this.#spare.push(new Uint8Array(block.buffer));
    }
  }

  #writeNow(bytes: Uint8Array): void {
    try {
      const written = writeSync(this.#fd, bytes, 0, bytes.length, this.#position);
      if (written < bytes.length) throw new Error(`wrote ${written} of ${bytes.length} bytes`);
      this.#position += bytes.length;
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting.length = 0;
  }
}
