import type net from 'node:net';

/** What a connection goes through between being accepted and being served. */
export interface SocketGate {
  /**
   * `accepted` is paused, and nothing of it has been read. Calls `onThrough` once, with the socket to be served; who
   * does not get through is closed. To destroy `accepted` ends it at any time.
   */
  enter(accepted: net.Socket, onThrough: (socket: net.Socket) => void): void;
}
