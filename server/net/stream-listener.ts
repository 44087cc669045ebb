import net from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Accept } from '../base/ports.ts';
import type { TokenBucket } from '../base/token-bucket.ts';
import { NodeStream, serve } from './node-stream.ts';
import type { SocketGate } from './socket-gate.ts';
import { SocketReads, takeOver } from './socket-reads.ts';

export interface StreamListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  /** Of connections from one address; 0 for no limit. */
  readonly perAddressMax: number;
  /** Of connections in all; 0 for no limit. */
  readonly totalMax: number;
  /** How fast new ones may come; null for no limit. */
  readonly throttle: TokenBucket | null;
  readonly onRefused: (address: string, reason: string) => void;
  /** What connections go through before they are served; nothing unless given. */
  readonly gate?: SocketGate | undefined;
}

/**
 * One port: accepts, counts, and hands each connection to the core.
 *
 * The port is taken before there is a core: whoever comes until then waits. So a second server started by mistake
 * on the same configuration finds the port in use before it touches the data of the first.
 */
export class StreamListener {
  readonly #options: StreamListenerOptions;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #waiting = new Set<net.Socket>();
  #accept: Accept | null = null;

  constructor(options: StreamListenerOptions) {
    this.#options = options;
    this.#server = net.createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
      this.#onConnection(socket),
    );
  }

  /** Serves those who have come already and all who come from now on. */
  open(accept: Accept): void {
    this.#accept = accept;
    for (const socket of this.#waiting) this.#admit(socket, accept);
    this.#waiting.clear();
  }

  /** Takes the port. Rejects with the system's error (EADDRINUSE, EACCES, …), and may then be tried again. */
  listen(): Promise<void> {
    const { host, port, backlog } = this.#options;
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', onError);
      server.once('listening', onListening);
      server.listen({ host, port, ...(backlog > 0 ? { backlog } : {}) });

      // Neither may be left behind: it can be tried any number of times.
      function onListening(): void {
        server.off('error', onError);
        resolve();
      }
      function onError(error: Error): void {
        server.off('listening', onListening);
        reject(error);
      }
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  /** Gives the port back, and keeps the connections that have come. */
  retire(): void {
    this.#server.close();
  }

  /** Stops accepting and closes every connection. */
  async close(): Promise<void> {
    const sockets = [...this.#waiting, ...this.#sockets];
    const isClosed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await Promise.all(isClosed);
  }

  #onConnection(socket: net.Socket): void {
    ignoreReset(socket);
    if (this.#accept !== null) {
      this.#admit(socket, this.#accept);
      return;
    }
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
  }

  #admit(accepted: net.Socket, accept: Accept): void {
    const { remoteAddress } = new NodeStream(accepted);
    const refusal = this.#refusalFor(remoteAddress);
    if (refusal !== null) {
      this.#options.onRefused(remoteAddress, refusal);
      accepted.destroy();
      return;
    }
    const { gate } = this.#options;
    if (gate !== undefined) {
      this.#hold(accepted, remoteAddress);
      gate.enter(accepted, (socket) => serve(socket, accept, { reads: null }));
      return;
    }
    const reads = new SocketReads();
    const taken = takeOver(accepted, reads);
    const socket = taken ?? accepted;
    ignoreReset(socket);
    // It was accepted paused.
    socket.resume();
    this.#hold(socket, remoteAddress);
    serve(socket, accept, { reads: taken === null ? null : reads });
  }

  /** Counts until it is closed. */
  #hold(socket: net.Socket, remoteAddress: string): void {
    this.#count(remoteAddress, 1);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#count(remoteAddress, -1);
    });
  }

  #refusalFor(address: string): string | null {
    const { perAddressMax, totalMax, throttle } = this.#options;
    if (totalMax > 0 && this.#sockets.size >= totalMax) return `more than maxCnxns=${totalMax} connections`;
    if (perAddressMax > 0 && (this.#perAddress.get(address) ?? 0) >= perAddressMax) {
      return `more than maxClientCnxns=${perAddressMax} connections from this address`;
    }
    if (throttle?.take(performance.now()) === false)
      return 'connections come faster than connection_throttle_* lets them';
    return null;
  }

  #count(address: string, delta: 1 | -1): void {
    const count = (this.#perAddress.get(address) ?? 0) + delta;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }
}

/** A reset is an ordinary way for a client to go; 'close' follows it. */
function ignoreReset(socket: net.Socket): void {
  socket.on('error', () => undefined);
}
