import type { ByteStream, Cancel, StreamHandler, Timers } from '../base/ports.ts';

export interface RefusingOptions {
  /** Null if those four bytes are no word. */
  readonly fourLetterWord: (firstInt: number) => Uint8Array | null;
  readonly timers: Timers;
  /** How long it may take to say what it wants, ms (`nio.sessionlessCnxnTimeout`). */
  readonly timeoutMs: number;
}

/**
 * A client of a server that has no quorum at present: closed at once, so that it looks for another one. Only
 * four-letter words are answered, for those who want to know what is wrong.
 */
export class RefusingConnection implements StreamHandler {
  readonly #stream: ByteStream;
  readonly #fourLetterWord: RefusingOptions['fourLetterWord'];
  readonly #cancelTimeout: Cancel;
  #first: number[] | null = [];

  constructor(stream: ByteStream, { fourLetterWord, timers, timeoutMs }: RefusingOptions) {
    this.#stream = stream;
    this.#fourLetterWord = fourLetterWord;
    this.#cancelTimeout = timers.after(timeoutMs, () => stream.destroy());
  }

  onBytes(chunk: Uint8Array): void {
    const first = this.#first;
    if (first === null) return;
    for (let i = 0; i < chunk.length && first.length < 4; i++) first.push(chunk[i] as number);
    if (first.length < 4) return;
    this.#first = null;
    this.#cancelTimeout();
    const [a = 0, b = 0, c = 0, d = 0] = first;
    const answer = this.#fourLetterWord((a << 24) | (b << 16) | (c << 8) | d);
    if (answer === null) {
      this.#stream.destroy();
      return;
    }
    this.#stream.write(answer);
    this.#stream.end();
  }

  onDrain(): void {
    // Nothing more is written.
  }

  onClosed(): void {
    this.#first = null;
    this.#cancelTimeout();
  }
}
