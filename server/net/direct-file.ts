import { without, type Completion } from '../storage/disk.ts';
import { StorageError } from '../storage/storage-error.ts';
import { BLOCK_BYTES, type BlockBuffer } from './block-buffer.ts';
import { NodeFile } from './node-file.ts';

export interface DirectFileOptions {
  readonly blocks: BlockBuffer;
  readonly onDurableWrite: (durationMs: number) => void;
  readonly onClose: () => void;
}

/**
 * A file opened with O_DSYNC and O_DIRECT: what is written to it goes past the page cache, and is durable when it is
 * done. A log is written once and read after a crash at the earliest; the cache would only cost it a copy, a fresh page
 * for every four kilobytes, and others their pages.
 *
 * Such a write is of whole blocks. The block that an earlier write has ended in is written once more in front of the
 * next, as the page cache would do it too, and the last is filled up with zeros.
 */
export class DirectFile extends NodeFile {
  readonly #options: DirectFileOptions;

  constructor(path: string, fd: number, options: DirectFileOptions) {
    super(path, fd);
    this.#options = options;
  }

  /** Reads the block that begins at `start`, so that a write may begin in it. */
  learn(start: number, done: Completion<void>): void {
    const { blocks } = this.#options;
    super.read(blocks.room(), start, (error, length = 0) => {
      if (error === null) blocks.learned(start, length);
      done(error);
    });
  }

  override write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void {
    if (this.#options.blocks.reaches(offset)) {
      this.#writeBlocks(buffers, offset, done);
      return;
    }
    this.learn(offset - (offset % BLOCK_BYTES), (error) => {
      if (error !== null) done(error);
      else this.#writeBlocks(buffers, offset, done);
    });
  }

  override read(_into: Uint8Array, _offset: number, done: Completion<number>): void {
    const error = new StorageError('io', this.path, `${this.path}: open for durable writes, not for reading`);
    queueMicrotask(() => done(error));
  }

  override truncate(length: number, done: Completion<void>): void {
    this.#options.blocks.cutAt(length);
    super.truncate(length, done);
  }

  override close(done: Completion<void>): void {
    this.#options.onClose();
    super.close(done);
  }

  /** What has no room in the blocks follows when they are written. `before`: how much of the whole write that is. */
  #writeBlocks(buffers: readonly Uint8Array[], offset: number, done: Completion<number>, before = 0): void {
    const { blocks, onDurableWrite } = this.#options;
    const startedMs = performance.now();
    const length = blocks.compose(buffers, offset);
    super.write([blocks.content], blocks.offset, (error, written = 0) => {
      if (error !== null) {
        done(error);
        return;
      }
      onDurableWrite(performance.now() - startedMs);
      // A disk that took a part of it may have stopped in what stood there before.
      const durable = Math.max(0, Math.min(length, blocks.offset + written - offset));
      const rest = durable < length ? [] : without(buffers, length);
      if (rest.length === 0) done(null, before + durable);
      else this.#writeBlocks(rest, offset + length, done, before + length);
    });
  }
}
