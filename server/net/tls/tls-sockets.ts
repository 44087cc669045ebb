import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SocketGate } from '../socket-gate.ts';
import type { KeyMaterial } from './key-material.ts';
import type { TlsConfig } from './tls-config.ts';
import { tlsReason } from './tls-reason.ts';

export interface TlsSocketsOptions {
  readonly config: Pick<TlsConfig, 'clientAuth' | 'handshakeTimeoutMs'>;
  readonly keys: KeyMaterial;
  /** What is wrong with the name in a certificate that is trusted; null: nothing. */
  readonly whyWrongName?: ((socket: TLSSocket) => string | null) | undefined;
  readonly onFailed: (address: string, why: string) => void;
}

/**
 * Makes the TLS end of connections that were accepted. One whose handshake fails, or is not over in time, or whose
 * certificate is asked for and not there, not trusted or for another name, is closed, and nobody else hears of it.
 */
export class TlsSockets implements SocketGate {
  readonly #options: TlsSocketsOptions;

  constructor(options: TlsSocketsOptions) {
    this.#options = options;
  }

  enter(accepted: net.Socket, onThrough: (socket: TLSSocket) => void): void {
    const { config, keys, onFailed } = this.#options;
    const { clientAuth, handshakeTimeoutMs } = config;
    const address = accepted.remoteAddress ?? '';
    const socket = new TLSSocket(accepted, {
      isServer: true,
      secureContext: keys.current(),
      requestCert: clientAuth !== 'none',
      // Who is refused below is told of; OpenSSL's own refusal is the same for the client.
      rejectUnauthorized: clientAuth === 'need',
    });
    const timer = setTimeout(() => {
      onFailed(address, `no handshake within ${handshakeTimeoutMs} ms`);
      socket.destroy();
    }, handshakeTimeoutMs);
    let isOver = false;
    socket.once('secure', () => {
      clearTimeout(timer);
      isOver = true;
      const why = this.#whyRefused(socket);
      if (why === null) {
        onThrough(socket);
        return;
      }
      onFailed(address, why);
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Later on it is an ordinary way to go; before it, for who has found another connection meanwhile.
      if (!isOver && error.code !== 'ECONNRESET') onFailed(address, tlsReason(error));
      socket.destroy();
    });
    socket.once('close', () => clearTimeout(timer));
  }

  #whyRefused(socket: TLSSocket): string | null {
    const { config, whyWrongName } = this.#options;
    const { clientAuth } = config;
    if (clientAuth === 'none') return null;
    const hasCertificate = socket.getPeerX509Certificate() !== undefined;
    if (clientAuth === 'want' && !hasCertificate) return null;
    if (!hasCertificate) return 'no certificate of the client';
    const error = verifyErrorOf(socket);
    if (error !== null) return `the client’s certificate is not trusted: ${error}`;
    return whyWrongName?.(socket) ?? null;
  }
}

/** As Node's own server asks; its types do not know of it. */
function verifyErrorOf(socket: TLSSocket): string | null {
  const handle = (socket as unknown as { _handle: { verifyError(): Error | null } | null })._handle;
  if (handle === null) return 'the connection is gone';
  return handle.verifyError()?.message ?? null;
}
