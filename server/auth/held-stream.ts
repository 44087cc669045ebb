import type { ByteStream } from '../base/ports.ts';

/** A stream of which what is written waits until `release`; what is closed at once is closed. */
export class HeldStream implements ByteStream {
  readonly #stream: ByteStream;
  #held: Uint8Array[] | null = [];
  #isEnded = false;
  #isDestroyed = false;
  /** So many writes are let through nevertheless. */
  #passes: number;

  constructor(stream: ByteStream, { passes }: { readonly passes: number }) {
    this.#stream = stream;
    this.#passes = passes;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get remotePort(): number {
    return this.#stream.remotePort;
  }

  get certificateSubject(): string | null | undefined {
    return this.#stream.certificateSubject;
  }

  get queuedBytes(): number {
    const held = this.#held ?? [];
    return held.reduce((sum, { length }) => sum + length, this.#stream.queuedBytes);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#held === null || this.#passes > 0) {
      this.#passes--;
      return this.#stream.write(bytes);
    }
    this.#held.push(bytes);
    return false;
  }

  end(): void {
    this.#isEnded = true;
    if (this.#held === null) this.#stream.end();
  }

  /** By whom it was given to. */
  get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#stream.destroy();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** @returns whether all that was held is out already. */
  release(): boolean {
    const held = this.#held ?? [];
    this.#held = null;
    let isOut = true;
    for (const bytes of held) isOut = this.#stream.write(bytes);
    if (this.#isEnded) this.#stream.end();
    return isOut;
  }
}
