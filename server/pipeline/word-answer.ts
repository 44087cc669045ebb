import type { ByteStream } from '../base/ports.ts';
import { QUEUED_MAX } from './connection-output.ts';

/** The answer to a four-letter word, made piece by piece as its reader takes it. */
export class WordAnswer {
  readonly #stream: ByteStream;
  readonly #pieces: Iterator<Uint8Array>;
  #next: IteratorResult<Uint8Array>;

  constructor(stream: ByteStream, pieces: Iterable<Uint8Array>) {
    this.#stream = stream;
    this.#pieces = pieces[Symbol.iterator]();
    this.#next = this.#pieces.next();
  }

  /**
   * Writes a piece. `full`: not now, for its reader has not taken those before, and `onDrain` will tell. `done`: there
   * is none left.
   */
  writeNext(): 'written' | 'full' | 'done' {
    if (this.#stream.queuedBytes > QUEUED_MAX) return 'full';
    if (this.#next.done !== true) {
      this.#stream.write(this.#next.value);
      this.#next = this.#pieces.next();
    }
    return this.#next.done === true ? 'done' : 'written';
  }
}
