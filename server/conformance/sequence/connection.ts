import { createConnection, type Socket } from 'node:net';
import { FrameDecoder } from '../../wire/frame-decoder.ts';

const FRAME_LIMIT = 16 * 1024 * 1024;

/** How long a server may take to answer before the sequence gives up on it. A bound, not a measurement. */
const PATIENCE_MS = 20_000;

/** What came from the server: a whole frame's payload, or the end of the connection (its last event). */
export type Arrival = { readonly type: 'frame'; readonly payload: Uint8Array } | { readonly type: 'closed' };

/**
 * A TCP connection that knows frames and nothing else. What to send is the caller's business, byte for byte:
 * half of what the sequence asks is how a server treats bytes that no client library would send.
 */
export class RawConnection {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder(FRAME_LIMIT);
  readonly #arrivals: Arrival[] = [];
  #waiting: ((arrival: Arrival) => void) | null = null;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#onData(chunk));
    // A reset and an orderly end are one thing to a client: nothing more will come.
    socket.on('error', () => this.#onClosed());
    socket.on('close', () => this.#onClosed());
  }

  static open(address: string): Promise<RawConnection> {
    const { host, port } = parseAddress(address);
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host, port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next thing that comes; after `closed`, `closed` again. */
  async next(): Promise<Arrival> {
    const arrived = this.#arrivals.shift();
    if (arrived !== undefined) return arrived;
    if (this.#isClosed) return { type: 'closed' };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = null;
        reject(new Error(`the server sent nothing for ${PATIENCE_MS} ms and did not close the connection`));
      }, PATIENCE_MS);
      this.#waiting = (arrival) => {
        clearTimeout(timer);
        resolve(arrival);
      };
    });
  }

  /** Ends the connection from our side, without a word; the session lives on. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#socket.destroy();
    while ((await this.next()).type !== 'closed');
  }

  #onData(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    while (this.#decoder.next()) {
      const payload = this.#decoder.bytes.slice(this.#decoder.start, this.#decoder.end);
      this.#deliver({ type: 'frame', payload });
    }
  }

  #onClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deliver({ type: 'closed' });
  }

  #deliver(arrival: Arrival): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) this.#arrivals.push(arrival);
    else waiting(arrival);
  }
}

/** Everything a server says to these bytes until it closes: how four-letter words are answered. */
export function exchange(address: string, bytes: Uint8Array): Promise<string> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    socket.on('error', reject);
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

export function parseAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}
