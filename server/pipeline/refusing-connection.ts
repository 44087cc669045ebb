import { concat } from '../base/bytes.ts';
import type { ByteStream, Cancel, StreamHandler, Timers } from '../base/ports.ts';
import type { AnswerWord } from './server-core.ts';
import { WordAnswer } from './word-answer.ts';

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
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  #cancel: Cancel;
  /** Null once it is clear what it wants. */
  #first: Uint8Array | null = new Uint8Array(0);
  #answer: WordAnswer | null = null;

  constructor(stream: ByteStream, { answerWord, timers, timeoutMs }: RefusingOptions) {
    this.#stream = stream;
    this.#answerWord = answerWord;
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
    this.#cancel = timers.after(timeoutMs, () => stream.destroy());
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#first === null) return;
    const first = concat(this.#first, chunk);
    this.#first = first;
    const answer = first.length < 4 ? 'incomplete' : this.#answerWord(first);
    if (answer === 'incomplete') return;
    this.#first = null;
    this.#cancel();
    if (answer === 'no-word') {
      this.#stream.destroy();
      return;
    }
    this.#answer = new WordAnswer(this.#stream, answer);
    this.#continueAnswer();
  }

  onDrain(): void {
    this.#cancel();
    this.#continueAnswer();
  }

  onClosed(): void {
    this.#first = null;
    this.#answer = null;
    this.#cancel();
  }

  /** One piece after the other, with time for everybody else between them, and no end to it for who does not read. */
  #continueAnswer(): void {
    const outcome = this.#answer?.writeNext();
    if (outcome === 'written') {
      this.#cancel = this.#timers.after(0, () => this.#continueAnswer());
    } else if (outcome === 'full') {
      this.#cancel = this.#timers.after(this.#timeoutMs, () => this.#stream.destroy());
    } else if (outcome === 'done') {
      this.#answer = null;
      this.#stream.end();
    }
  }
}
