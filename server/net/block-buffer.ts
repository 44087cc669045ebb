import { wasm, WASM_PAGE_BYTES } from '../base/web-assembly.ts';

/** What a write past the page cache begins and ends at, in the file and in memory. No disk asks for more. */
export const BLOCK_BYTES = 4096;
/** More than the batches of a busy server. What was never written to takes addresses and no memory. */
const CAPACITY_BYTES = 8 << 20;

/**
 * The blocks of a file that were written or read last, and the memory that the next are put together in: where one
 * batch ends inside a block the next begins.
 */
export class BlockBuffer {
  readonly #bytes: Uint8Array;
  /** Where in the file the content begins, and how much of it is known. */
  #offset = 0;
  #length = 0;

  /** @throws RangeError where the process may not have such memory: V8 keeps some GiB of addresses free behind it. */
  constructor() {
    // Of WebAssembly's memory alone Node's programs can be sure that it begins at a page. It must not grow: the arrays on
    // it would be detached, and once any array of a process was, V8 looks at every array's buffer before it uses it.
    const pages = CAPACITY_BYTES / WASM_PAGE_BYTES;
    this.#bytes = new Uint8Array(new wasm.Memory({ initial: pages, maximum: pages }).buffer);
  }

  get offset(): number {
    return this.#offset;
  }

  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Room for one block to be read into; then `learned` says what it was. */
  room(): Uint8Array {
    this.forget();
    return this.#bytes.subarray(0, BLOCK_BYTES);
  }

  /** The block at `start` has been read, of which the file had so many bytes. */
  learned(start: number, length: number): void {
    this.#bytes.fill(0, length, BLOCK_BYTES);
    this.#offset = start;
    this.#length = BLOCK_BYTES;
  }

  forget(): void {
    this.#offset = 0;
    this.#length = 0;
  }

  /** The file ends at `offset`. */
  cutAt(offset: number): void {
    this.#length = Math.max(0, Math.min(this.#length, offset - this.#offset));
  }

  /** Whether it is known what stands in front of `offset` in the same block. */
  reaches(offset: number): boolean {
    const start = startOfBlock(offset);
    return start === offset || (start >= this.#offset && offset <= this.#offset + this.#length);
  }

  /**
   * Makes the content the blocks that `buffers` lie in from `offset` on: what stands in front of them, they, and zeros.
   * @returns how many bytes of the buffers there was room for: all of them, or enough to fill the last block.
   */
  compose(buffers: readonly Uint8Array[], offset: number): number {
    const start = startOfBlock(offset);
    const head = offset - start;
    if (head > 0) this.#bytes.copyWithin(0, start - this.#offset, offset - this.#offset);
    let at = head;
    for (const buffer of buffers) {
      const room = this.#bytes.length - at;
      this.#bytes.set(buffer.length <= room ? buffer : buffer.subarray(0, room), at);
      at += Math.min(buffer.length, room);
    }
    this.#length = startOfBlock(at + BLOCK_BYTES - 1);
    this.#bytes.fill(0, at, this.#length);
    this.#offset = start;
    return at - head;
  }
}

/** Memory for the blocks of the files of a disk, one after the other. */
export class BlockBuffers {
  #spare: BlockBuffer | null = null;

  /** Null where there is no memory that begins at a page. */
  take(): BlockBuffer | null {
    const buffer = this.#spare;
    this.#spare = null;
    if (buffer !== null) return buffer;
    try {
      return new BlockBuffer();
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** What it was taken for is closed. */
  giveBack(buffer: BlockBuffer): void {
    buffer.forget();
    this.#spare = buffer;
  }
}

function startOfBlock(offset: number): number {
  return offset - (offset % BLOCK_BYTES);
}
