import type net from 'node:net';
import type { SocketGate } from '../socket-gate.ts';

/** Every connection by TLS begins with a record of this type; nothing else that comes to our ports does. */
const TLS_HANDSHAKE = 0x16;

export interface UnifiedSocketsOptions {
  /** For those that begin as TLS does. */
  readonly secure: SocketGate;
  /** For the first byte. */
  readonly timeoutMs: number;
  /** One that is served without TLS. */
  readonly onPlain: (address: string) => void;
  readonly onFailed: (address: string, why: string) => void;
}

/** Takes connections with TLS and without on one port: the first byte tells (protocol §7.3). */
export class UnifiedSockets implements SocketGate {
  readonly #options: UnifiedSocketsOptions;

  constructor(options: UnifiedSocketsOptions) {
    this.#options = options;
  }

  enter(accepted: net.Socket, onThrough: (socket: net.Socket) => void): void {
    const { secure, timeoutMs, onPlain, onFailed } = this.#options;
    const address = accepted.remoteAddress ?? '';
    const timer = setTimeout(() => {
      onFailed(address, `said nothing for ${timeoutMs} ms`);
      accepted.destroy();
    }, timeoutMs);
    accepted.once('close', () => clearTimeout(timer));
    accepted.once('data', (beginning: Uint8Array) => {
      clearTimeout(timer);
      // Whoever has the socket next finds it as it was.
      accepted.pause();
      accepted.unshift(beginning);
      if (beginning[0] === TLS_HANDSHAKE) {
        secure.enter(accepted, onThrough);
        return;
      }
      onPlain(address);
      // First: who is to be served may not want to read yet.
      accepted.resume();
      onThrough(accepted);
    });
    accepted.resume();
  }
}
