import { connect, type Socket } from 'node:net';
import { type HostPort, parseHostPort } from './addresses.ts';

/** How long a refused dial is tried again while the client waits, and how often. */
export interface RedialPolicy {
  readonly everyMs: number;
  readonly limitMs: number;
}

export interface DialOptions {
  readonly client: Socket;
  readonly address: string;
  /** Null: one try, as Toxiproxy does it. */
  readonly redial: RedialPolicy | null;
}

/** So much of what a client says before there is anybody to hear it is kept. */
const EARLY_BYTES_MAX = 64 * 1024;

/**
 * Connects to where a client's connection leads, with the client's socket paused.
 *
 * Somebody who connects to a server that is just starting is refused, and knows what to do: try again. Through a
 * proxy that accepts first and dials then he is accepted and closed, which means something else. (An Apache
 * follower that was refused by its new leader tries again for half a second; one that was closed goes back to the
 * election, and the leader waits for it in vain: leader changes took 10 to 26 s that way instead of half a second.)
 * So with `redial` the client is kept, and a dial that is refused is tried again until it succeeds, the limit is
 * over, or the client goes away.
 *
 * @returns null when there is no connection to be had. The client's socket is then for the caller to close, unless
 * it is closed already.
 */
export async function dialFor({ client, address, redial }: DialOptions): Promise<Socket | null> {
  const destination = parsed(address);
  if (destination === null) return null;
  const first = await dial(destination);
  if (typeof first !== 'string') return first;
  if (redial === null || first !== 'ECONNREFUSED') return null;

  const waiter = new WaitingClient(client);
  const giveUpAtMs = performance.now() + redial.limitMs;
  for (;;) {
    await waiter.pause(redial.everyMs);
    if (waiter.hasLeft() || performance.now() > giveUpAtMs) return null;
    const socket = await dial(destination);
    if (socket === 'ECONNREFUSED') continue;
    if (typeof socket === 'string') return null;
    if (waiter.hasLeft()) {
      socket.destroy();
      return null;
    }
    waiter.release();
    return socket;
  }
}

/** A client that has been accepted and has nobody to talk to yet. It is listened to, so as to know when it leaves. */
class WaitingClient {
  readonly #client: Socket;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  #hasLeft = false;
  #wake: () => void = () => {};

  constructor(client: Socket) {
    this.#client = client;
    client.on('data', this.#onData);
    for (const event of ['end', 'close'] as const) client.on(event, this.#onLeft);
    client.resume();
  }

  /** It will not hear an answer: to what was never connected, half a connection is none. */
  hasLeft(): boolean {
    return this.#hasLeft || this.#client.destroyed;
  }

  /** Ends early when the client leaves. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.hasLeft()) this.#wake();
    });
  }

  /** Gives the socket back as it was, paused, with everything that it has sent still to be read. */
  release(): void {
    const client = this.#client;
    client.off('data', this.#onData);
    for (const event of ['end', 'close'] as const) client.off(event, this.#onLeft);
    client.pause();
    if (this.#earlyBytes > 0) client.unshift(Buffer.concat(this.#early));
  }

  readonly #onData = (data: Buffer): void => {
    this.#early.push(data);
    this.#earlyBytes += data.length;
    // Beyond this its leaving goes unnoticed, and the limit ends the wait.
    if (this.#earlyBytes >= EARLY_BYTES_MAX) this.#client.pause();
  };

  readonly #onLeft = (): void => {
    this.#hasLeft = true;
    this.#wake();
  };
}

/** @returns the connected socket, which errors nobody yet listens for do not end the process, or an error code. */
function dial({ host, port }: HostPort): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: host === '' ? '127.0.0.1' : host,
      port,
      allowHalfOpen: true,
      noDelay: true,
    });
    socket.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => resolve(code));
    socket.once('connect', () => resolve(socket));
  });
}

function parsed(address: string): HostPort | null {
  try {
    return parseHostPort(address);
  } catch {
    return null;
  }
}
