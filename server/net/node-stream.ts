import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import { distinguishedName } from '../auth/x509.ts';
import type { Accept, ByteStream, StreamHandler } from '../base/ports.ts';
import type { SocketReads } from './socket-reads.ts';

/** After our end of a connection is closed, how long the client may take to close its own. */
const LINGER_MS = 2000;

/** Binds one `net.Socket` to the core's port. Nothing is decided here. */
export class NodeStream implements ByteStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly certificateSubject: string | null | undefined;
  readonly #socket: net.Socket;
  #handler: StreamHandler | null = null;
  /** Something that was written was not out at once, and nobody has been told since that it is. */
  #owesDrain = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
    this.certificateSubject = subjectOf(socket);
  }

  /** Who is told that what was queued is out. */
  bind(handler: StreamHandler): void {
    this.#handler = handler;
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#socket.writable) return true;
    this.#socket.write(bytes, this.#onWritten);
    // What the kernel took at once is gone from the stream's account.
    const isOut = this.#socket.writableLength === 0;
    if (!isOut) this.#owesDrain = true;
    return isOut;
  }

  /** Node's own `drain` comes only where more was queued than its high-water mark, which TLS queues far less than. */
  readonly #onWritten = (error?: Error | null): void => {
    if (!this.#owesDrain || error instanceof Error || this.#socket.writableLength > 0) return;
    this.#owesDrain = false;
    this.#handler?.onDrain();
  };

  end(): void {
    // The write side first: to close with input unread would reset the connection and could cost the client
    // the last reply (trap 88).
    const socket = this.#socket;
    if (socket.writableEnded || socket.destroyed) return;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

/** Null where nobody has shown one, or asked for it; undefined without TLS. */
function subjectOf(socket: net.Socket): string | null | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? null : distinguishedName(certificate.subject);
}

/** A dual-stack socket reports IPv4 clients as ::ffff:1.2.3.4; ACLs of the scheme `ip` mean 1.2.3.4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/** Brings `accept`'s handler what the network brings: through `reads`, if the socket was made with them. */
export function serve(
  socket: net.Socket,
  accept: Accept,
  { reads }: { readonly reads: SocketReads | null },
): void {
  const stream = new NodeStream(socket);
  const handler = accept(stream);
  stream.bind(handler);
  if (reads === null) socket.on('data', (chunk: Uint8Array) => handler.onBytes(chunk));
  else reads.onBytes = (chunk): void => handler.onBytes(chunk);
  socket.on('close', () => handler.onClosed());
}
