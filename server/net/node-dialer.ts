import net from 'node:net';
import type { Accept, Cancel, Dialer, Endpoint } from '../base/ports.ts';
import { bindHandler, NodeStream } from './node-stream.ts';
import { SocketReads } from './socket-reads.ts';

/** Opens connections to other servers. */
export class NodeDialer implements Dialer {
  dial(
    { host, port }: Endpoint,
    options: {
      readonly timeoutMs: number;
      readonly onOpen: Accept;
      readonly onFailed: (why: string) => void;
    },
  ): Cancel {
    const { timeoutMs, onOpen, onFailed } = options;
    const reads = new SocketReads();
    const socket = net.connect({ host, port, noDelay: true, onread: reads });
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
    socket.on('error', (error) => fail(error.message));
    socket.once('connect', () => {
      if (!isPending) return;
      isPending = false;
      clearTimeout(timer);
      bindHandler(socket, onOpen(new NodeStream(socket)), { reads });
    });
    return () => {
      if (!isPending) return;
      isPending = false;
      clearTimeout(timer);
      socket.destroy();
    };
  }
}
