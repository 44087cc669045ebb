import net from 'node:net';

/** As much as one read takes from a socket. */
const READ_BYTES = 256 << 10;

/**
 * Where the bytes of every socket arrive. One piece of memory does for all: a read is handled to its end before the
 * next begins, and a `StreamHandler` keeps nothing of it. Left to itself Node gets 64 KiB for each read, under load more
 * than a server allocates for all else, and the collector goes through the whole heap several times a second.
 */
const memory = new Uint8Array(READ_BYTES);

/** Takes what comes over one socket, as Node wants it (`onread`). */
export class SocketReads {
  /** Null before there is somebody to take it; nothing is read until then. */
  onBytes: ((chunk: Uint8Array) => void) | null = null;
  readonly buffer = memory;

  readonly callback = (length: number): boolean => {
    this.onBytes?.(memory.subarray(0, length));
    return true;
  };
}

/** What Node has below a socket, since Node 12. */
interface OverHandle {
  _handle: { readonly useUserBuffer?: unknown } | null;
}

/**
 * A socket that was accepted with `pauseOnConnect`, as one that reads into `memory`. Node has `onread` for sockets that
 * it connects and none for those it accepts, so the new socket takes over what is below the old one. Null where this
 * Node is another inside; then the socket is as good as it was.
 */
export function takeOver(accepted: net.Socket, onread: SocketReads): net.Socket | null {
  const over = accepted as unknown as OverHandle;
  const handle = over._handle;
  if (typeof handle?.useUserBuffer !== 'function') return null;
  // It has one owner at any time.
  over._handle = null;
  const options: net.SocketConstructorOpts & Pick<net.TcpSocketConnectOpts, 'onread'> & { handle: object } = {
    handle,
    onread,
  };
  const socket = new net.Socket(options);
  accepted.destroy();
  return socket;
}
