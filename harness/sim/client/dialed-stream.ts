import type { ByteStream, Cancel, Dialer, StreamHandler } from '../../../server/base/ports.ts';
import type { ServerAddress } from '../../client/connect-string.ts';
import type { ClientStream, OpenStream } from '../../client/tcp-stream.ts';

const DIAL_TIMEOUT_MS = 5_000;

/** A simulated connection that may be written to before it is open, as a `net.Socket` may. */
class DialedStream implements ClientStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  failure: Error | undefined;
  #stream: ByteStream | null = null;
  #early: Uint8Array[] = [];
  #isClosed = false;
  readonly #cancel: Cancel;
  readonly #handler: StreamHandler;
  readonly #soon: (callback: () => void) => void;

  constructor(
    dialer: Dialer,
    soon: (callback: () => void) => void,
    { host, port }: ServerAddress,
    handler: StreamHandler,
  ) {
    this.remoteAddress = host;
    this.remotePort = port;
    this.#handler = handler;
    this.#soon = soon;
    this.#cancel = dialer.dial(
      { host, port },
      {
        timeoutMs: DIAL_TIMEOUT_MS,
        onOpen: (stream) => {
          this.#stream = stream;
          for (const bytes of this.#early.splice(0)) stream.write(bytes);
          return handler;
        },
        onFailed: (why) => {
          this.failure = new Error(why);
          this.#close();
        },
      },
    );
  }

  get queuedBytes(): number {
    return this.#stream?.queuedBytes ?? this.#early.reduce((sum, { length }) => sum + length, 0);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#stream !== null) return this.#stream.write(bytes);
    this.#early.push(bytes);
    return false;
  }

  end(): void {
    if (this.#stream === null) this.destroy();
    else this.#stream.end();
  }

  destroy(): void {
    if (this.#stream !== null) {
      this.#stream.destroy();
      return;
    }
    this.#cancel();
    this.#soon(() => this.#close());
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handler.onClosed();
  }
}

/** `soon` calls back once, in an event of its own. */
export function openDialed(dialer: Dialer, soon: (callback: () => void) => void): OpenStream {
  return (server, handler) => new DialedStream(dialer, soon, server, handler);
}
