import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A test: what it has begun ends with it. */
export interface Ending {
  teardown(end: () => unknown): unknown;
}

/** What a peer has seen of its connection, last of all: an end, a reset, or that it is gone. */
export type PeerEvent = 'end' | 'reset' | 'close';

/** One end of a connection, remembering everything that arrives. It reads all the time unless told. */
export class Peer {
  readonly socket: Socket;
  /** When a piece of data arrived, by `performance.now()`, and how much it was. */
  readonly arrivals: { readonly atMs: number; readonly bytes: number }[] = [];
  readonly events: PeerEvent[] = [];
  #chunks: Buffer[] = [];
  #bytes = 0;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.#chunks.push(data);
      this.#bytes += data.length;
      this.arrivals.push({ atMs: performance.now(), bytes: data.length });
      this.#wake();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNRESET') this.#happened('reset');
    });
    socket.on('end', () => this.#happened('end'));
    socket.on('close', () => this.#happened('close'));
  }

  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  send(data: string | Buffer): this {
    this.socket.write(data);
    return this;
  }

  /** Waits until so many bytes are here. @throws Error when the connection is gone before. */
  async untilBytes(count: number): Promise<Buffer> {
    await this.#until(() => this.#bytes >= count);
    return this.received;
  }

  /** Waits for this to have happened. @throws Error when the connection is gone without it. */
  async untilEvent(event: PeerEvent): Promise<void> {
    await this.#until(() => this.events.includes(event));
  }

  #happened(event: PeerEvent): void {
    this.events.push(event);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #until(isMet: () => boolean): Promise<void> {
    while (!isMet()) {
      if (this.events.includes('close')) throw new Error(`it is closed, after ${this.events.join(', ')}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}

/** A server that only listens to what tests do with its connections. */
export class Upstream {
  readonly server: Server;
  readonly #accepted: Peer[] = [];
  readonly #all: Peer[] = [];
  #wake: () => void = () => {};

  private constructor(server: Server) {
    this.server = server;
    server.on('connection', (socket) => {
      const peer = new Peer(socket);
      this.#accepted.push(peer);
      this.#all.push(peer);
      this.#wake();
    });
  }

  /** Ends with the test. */
  static async listen(t: Ending, port = 0): Promise<Upstream> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const upstream = new Upstream(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => upstream.close());
    return upstream;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next connection that has been accepted. */
  async accepted(): Promise<Peer> {
    for (;;) {
      const peer = this.#accepted.shift();
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  get acceptedCount(): number {
    return this.#all.length;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#all) socket.destroy();
    await new Promise((resolve) => void this.server.close(resolve));
  }
}

/** Connects; ends with the test. @throws Error when it is refused */
export async function dialed(t: Ending, address: string): Promise<Peer> {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return new Peer(socket);
}
