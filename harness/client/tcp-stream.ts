import { connect, type Socket } from 'node:net';
import type { ByteStream, StreamHandler } from '../../server/base/ports.ts';
import type { ServerAddress } from './connect-string.ts';

/** A connection that is being opened, or is open: what is written before it is open is sent then. */
export interface ClientStream extends ByteStream {
  /** Why it could not be opened, or broke; there when the handler's `onClosed` is called. */
  readonly failure: Error | undefined;
}

/** Begins to open a connection. The handler is not called before this has returned. */
export type OpenStream = (server: ServerAddress, handler: StreamHandler) => ClientStream;

/**
 * What every connection of this process reads into. One is enough: a read is decoded to its end before the next
 * one begins, and the decoder copies what is left over of a frame. It must not be a Buffer, whose `slice`, unlike
 * that of every other Uint8Array, does not copy.
 */
const readBuffer = new Uint8Array(256 * 1024);

/** Binds one `net.Socket` to the port. Nothing is decided here. */
class TcpStream implements ClientStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  failure: Error | undefined;
  readonly #socket: Socket;

  constructor(server: ServerAddress, handler: StreamHandler) {
    this.remoteAddress = server.host;
    this.remotePort = server.port;
    const socket: Socket = connect({
      ...server,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count): boolean => {
          handler.onBytes(readBuffer.subarray(0, count));
          return !socket.destroyed;
        },
      },
    });
    this.#socket = socket;
    socket.on('error', (error) => {
      this.failure ??= error;
    });
    socket.on('drain', () => handler.onDrain());
    socket.on('close', () => handler.onClosed());
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): boolean {
    this.#socket.write(bytes);
    // Node tries the write at once. If the kernel took all of it, nobody looks at the memory any more.
    return this.#socket.writableLength === 0;
  }

  end(): void {
    this.#socket.end();
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

export const openTcpStream: OpenStream = (server, handler) => new TcpStream(server, handler);
