import type { ByteStream, StreamHandler } from '../base/ports.ts';

/**
 * A client of a server that has no quorum at present: closed at once, so that it looks for another one. Only
 * four-letter words are answered, for those who want to know what is wrong.
 */
export class RefusingConnection implements StreamHandler {
  readonly #stream: ByteStream;
  readonly #fourLetterWord: (firstInt: number) => Uint8Array | null;
  #first: number[] | null = [];

  constructor(stream: ByteStream, fourLetterWord: (firstInt: number) => Uint8Array | null) {
    this.#stream = stream;
    this.#fourLetterWord = fourLetterWord;
  }

  onBytes(chunk: Uint8Array): void {
    const first = this.#first;
    if (first === null) return;
    for (let i = 0; i < chunk.length && first.length < 4; i++) first.push(chunk[i] as number);
    if (first.length < 4) return;
    this.#first = null;
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
  }
}
