import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import type { KeyMaterial } from './key-material.ts';
import type { TlsConfig } from './tls-config.ts';

/**
 * Makes the TLS end of connections that were accepted. One whose handshake fails, or is not over in time, or whose
 * certificate is asked for and not there or not trusted, is closed, and nobody else hears of it.
 */
export class TlsSockets {
  readonly #config: Pick<TlsConfig, 'clientAuth' | 'handshakeTimeoutMs'>;
  readonly #keys: KeyMaterial;
  readonly #onFailed: (address: string, why: string) => void;

  constructor(
    config: Pick<TlsConfig, 'clientAuth' | 'handshakeTimeoutMs'>,
    keys: KeyMaterial,
    onFailed: (address: string, why: string) => void,
  ) {
    this.#config = config;
    this.#keys = keys;
    this.#onFailed = onFailed;
  }

  /** `onSecure` once, when the handshake is over. @returns what to destroy to end it early. */
  secure(accepted: net.Socket, onSecure: (socket: TLSSocket) => void): TLSSocket {
    const { clientAuth, handshakeTimeoutMs } = this.#config;
    const address = accepted.remoteAddress ?? '';
    const socket = new TLSSocket(accepted, {
      isServer: true,
      secureContext: this.#keys.current(),
      requestCert: clientAuth !== 'none',
      // Who is refused below is told of; OpenSSL's own refusal is the same for the client.
      rejectUnauthorized: clientAuth === 'need',
    });
    const timer = setTimeout(() => {
      this.#onFailed(address, `no handshake within ${handshakeTimeoutMs} ms`);
      socket.destroy();
    }, handshakeTimeoutMs);
    let isOver = false;
    socket.once('secure', () => {
      clearTimeout(timer);
      isOver = true;
      const why = this.#whyRefused(socket);
      if (why === null) {
        onSecure(socket);
        return;
      }
      this.#onFailed(address, why);
      socket.destroy();
    });
    socket.on('error', (error) => {
      // Later on it is an ordinary way for a client to go.
      if (!isOver) this.#onFailed(address, error.message);
      socket.destroy();
    });
    socket.once('close', () => clearTimeout(timer));
    return socket;
  }

  #whyRefused(socket: TLSSocket): string | null {
    const { clientAuth } = this.#config;
    if (clientAuth === 'none') return null;
    const hasCertificate = socket.getPeerX509Certificate() !== undefined;
    if (clientAuth === 'want' && !hasCertificate) return null;
    if (!hasCertificate) return 'no certificate of the client';
    const error = verifyErrorOf(socket);
    return error === null ? null : `the client’s certificate is not trusted: ${error}`;
  }
}

/** As Node's own server asks; its types do not know of it. */
function verifyErrorOf(socket: TLSSocket): string | null {
  const handle = (socket as unknown as { _handle: { verifyError(): Error | null } | null })._handle;
  if (handle === null) return 'the connection is gone';
  return handle.verifyError()?.message ?? null;
}
