import { concat } from '../base/bytes.ts';
import type { ByteStream, Cancel, StreamHandler, Timers } from '../base/ports.ts';
import type { AnswerWord } from './server-core.ts';

export interface RefusingOptions {
  readonly answerWord: AnswerWord;
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
  readonly #answerWord: AnswerWord;
  readonly #cancelTimeout: Cancel;
  /** Null once it is clear what it wants. */
  #first: Uint8Array | null = new Uint8Array(0);

  constructor(stream: ByteStream, { answerWord, timers, timeoutMs }: RefusingOptions) {
    this.#stream = stream;
    this.#answerWord = answerWord;
    this.#cancelTimeout = timers.after(timeoutMs, () => stream.destroy());
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#first === null) return;
    const first = concat(this.#first, chunk);
    this.#first = first;
    const answer = first.length < 4 ? 'incomplete' : this.#answerWord(first);
    if (answer === 'incomplete') return;
    this.#first = null;
    this.#cancelTimeout();
    if (answer === 'no-word') {
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
