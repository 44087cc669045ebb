import type { Accept, ByteStream, StreamHandler } from '../base/ports.ts';

/** Holds on to what a learner says until it is clear who it says it to. */
export class EarlyLearner implements StreamHandler {
  readonly stream: ByteStream;
  #handler: StreamHandler | null = null;
  #isClosed = false;

  constructor(stream: ByteStream) {
    this.stream = stream;
    stream.pause();
  }

  handTo(accept: Accept): void {
    if (this.#isClosed) return;
    this.#handler = accept(this.stream);
    this.stream.resume();
  }

  onBytes(chunk: Uint8Array): void {
    this.#handler?.onBytes(chunk);
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onClosed(): void {
    this.#isClosed = true;
    this.#handler?.onClosed();
  }
}
