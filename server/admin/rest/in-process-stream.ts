import type { Accept, ByteStream, StreamHandler } from '../../base/ports.ts';

/** Whom the server takes for the other end of it. */
export interface Peer {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * A connection of a client that lives in the server's own process. What the server writes is taken at once; what the client
 * writes waits while the server does not read, and comes in a turn of its own, as from a socket.
 */
export class InProcessStream {
  readonly #client: StreamHandler;
  readonly #server: StreamHandler;
  #waiting: Uint8Array[] = [];
  #isPaused = false;
  #isEnding = false;
  #willDeliver = false;

  /** `client` is called when the server has written, and once when the connection is over, never before this has returned. */
  constructor(accept: Accept, { remoteAddress, remotePort }: Peer, client: StreamHandler) {
    this.#client = client;
    const stream: ByteStream = {
      remoteAddress,
      remotePort,
      queuedBytes: 0,
      write: (bytes) => {
        if (!this.#isEnding) client.onBytes(bytes);
        return true;
      },
      end: () => this.destroy(),
      destroy: () => this.destroy(),
      pause: () => {
        this.#isPaused = true;
      },
      resume: () => {
        this.#isPaused = false;
        this.#deliverSoon();
      },
    };
    this.#server = accept(stream);
  }

  /** Bytes that are the stream's from now on. */
  write(bytes: Uint8Array): void {
    if (this.#isEnding) return;
    this.#waiting.push(bytes);
    this.#deliverSoon();
  }

  /** Both ends hear of it. */
  destroy(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#waiting = [];
    setImmediate(() => {
      this.#server.onClosed();
      this.#client.onClosed();
    });
  }

  #deliverSoon(): void {
    if (this.#willDeliver || this.#isPaused || this.#waiting.length === 0) return;
    this.#willDeliver = true;
    queueMicrotask(() => {
      this.#willDeliver = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isEnding) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#server.onBytes(bytes);
    }
  }
}
