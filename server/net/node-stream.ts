import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import { distinguishedName } from '../auth/x509.ts';
import type { ByteStream, StreamHandler } from '../base/ports.ts';
import type { SocketReads } from './socket-reads.ts';

/** After our end of a connection is closed, how long the client may take to close its own. */
const LINGER_MS = 2000;

/** Binds one `net.Socket` to the core's port. Nothing is decided here. */
export class NodeStream implements ByteStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly certificateSubject: string | null | undefined;
  readonly #socket: net.Socket;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
    this.certificateSubject = subjectOf(socket);
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#socket.writable) return true;
    this.#socket.write(bytes);
    // What the kernel took at once is gone from the stream's account.
    return this.#socket.writableLength === 0;
  }

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

/** Brings the handler what the network brings: through `reads`, if the socket was made with them. */
export function bindHandler(
  socket: net.Socket,
  handler: StreamHandler,
  { reads }: { readonly reads: SocketReads | null },
): void {
  if (reads === null) socket.on('data', (chunk: Uint8Array) => handler.onBytes(chunk));
  else reads.onBytes = (chunk): void => handler.onBytes(chunk);
  socket.on('drain', () => handler.onDrain());
  socket.on('close', () => handler.onClosed());
}
