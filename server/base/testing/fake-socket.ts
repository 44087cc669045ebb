import type { ByteStream } from '../ports.ts';

/** A client's byte stream in memory. `isStalled` makes it a client that does not read. */
export class FakeSocket implements ByteStream {
  readonly remoteAddress: string;
  readonly remotePort = 1234;
  state: 'open' | 'ended' | 'destroyed' = 'open';
  isPaused = false;
  isStalled = false;
  /** Pieces in which output came, one for each write. */
  readonly writes: number[] = [];
  queuedBytes = 0;
  #output: Uint8Array[] = [];

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress;
  }

  write(bytes: Uint8Array): boolean {
    if (this.state !== 'open') throw new Error('written to after the end');
    this.writes.push(bytes.length);
    if (this.isStalled) {
      // Kept as it is, as a socket does: who says false owns the memory.
      this.#output.push(bytes);
      this.queuedBytes += bytes.length;
      return false;
    }
    this.#output.push(bytes.slice());
    return true;
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended';
  }

  destroy(): void {
    this.state = 'destroyed';
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  /** Everything written so far, each byte handed out once. */
  take(): Uint8Array {
    const length = this.#output.reduce((sum, part) => sum + part.length, 0);
    const taken = new Uint8Array(length);
    let at = 0;
    for (const part of this.#output) {
      taken.set(part, at);
      at += part.length;
    }
    this.#output = [];
    this.queuedBytes = 0;
    return taken;
  }
}
