import net from 'node:net';
import type { Accept, Cancel, Dialer, Endpoint } from '../base/ports.ts';
import { serve } from './node-stream.ts';
import { SocketReads } from './socket-reads.ts';
import type { TlsDialing } from './tls/tls-dialing.ts';
import { tlsReason } from './tls/tls-reason.ts';

/** Opens connections to other servers: by TLS, where it is told how. */
export class NodeDialer implements Dialer {
  readonly #tls: TlsDialing | null;

  constructor(tls: TlsDialing | null = null) {
    this.#tls = tls;
  }

  dial(
    to: Endpoint,
    options: {
      readonly timeoutMs: number;
      readonly onOpen: Accept;
      readonly onFailed: (why: string) => void;
    },
  ): Cancel {
    const { host, port } = to;
    const { timeoutMs, onOpen, onFailed } = options;
    const { socket, reads, opened } = this.#connect(to);
    let isPending = true;
    const fail = (why: string): void => {
      if (!isPending) return;
      isPending = false;
      clearTimeout(timer);
      socket.destroy();
      onFailed(why);
    };
    const timer = setTimeout(() => fail(`no connection to ${host}:${port} after ${timeoutMs} ms`), timeoutMs);
    // Stays on: a reset later is an ordinary end, and 'close' follows it.
    socket.on('error', (error) => fail(tlsReason(error)));
    socket.once(opened, () => {
      if (!isPending) return;
      isPending = false;
      clearTimeout(timer);
      serve(socket, onOpen, { reads });
    });
    return () => {
      if (!isPending) return;
      isPending = false;
      clearTimeout(timer);
      socket.destroy();
    };
  }

  #connect(to: Endpoint): { socket: net.Socket; reads: SocketReads | null; opened: string } {
    if (this.#tls !== null) return { socket: this.#tls.connect(to), reads: null, opened: 'secureConnect' };
    const reads = new SocketReads();
    return { socket: net.connect({ ...to, noDelay: true, onread: reads }), reads, opened: 'connect' };
  }
}
