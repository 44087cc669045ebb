import type { Completion } from '../storage/disk.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { NodeFile } from './node-file.ts';

export interface Durability {
  /** One call does not make a write durable, but two do. */
  readonly needsFlush: boolean;
  readonly onDurableWrite: (durationMs: number) => void;
}

/** What is written to it, through the page cache, is durable when it is done. */
export class DurableFile extends NodeFile {
  readonly #durability: Durability;

  constructor(path: string, fd: number, durability: Durability) {
    super(path, fd);
    this.#durability = durability;
  }

  override write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void {
    const { needsFlush, onDurableWrite } = this.#durability;
    const startedMs = performance.now();
    const written = (error: StorageError | null, length?: number): void => {
      if (error !== null) done(error);
      else {
        onDurableWrite(performance.now() - startedMs);
        done(null, length);
      }
    };
    super.write(buffers, offset, (error, length) => {
      if (error !== null || !needsFlush) written(error, length);
      else this.flush((error) => written(error, length));
    });
  }
}
