import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../../base/ports.ts';
import { isForHost, namesIn } from './certificate-names.ts';
import type { KeyMaterial } from './key-material.ts';

export interface TlsDialingOptions {
  readonly keys: KeyMaterial;
  /** Whether the other side's certificate has to be for the host that is connected to. */
  readonly checksName: boolean;
  /**
   * The handshake was over for us, and then the other side closed the connection before it said anything: it looks at
   * our certificate only then.
   */
  readonly onRefused: (to: Endpoint) => void;
}

/** Opens connections by TLS, with this server's certificate, to servers whose certificate is trusted. */
export class TlsDialing {
  readonly #options: TlsDialingOptions;

  constructor(options: TlsDialingOptions) {
    this.#options = options;
  }

  /** `secureConnect` comes once the other side is known to be who was meant; before it nothing is sent. */
  connect(to: Endpoint): TLSSocket {
    const { host, port } = to;
    const { keys, checksName, onRefused } = this.#options;
    const socket = connect({
      host,
      port,
      secureContext: keys.current(),
      // Said because a variable of the environment decides where it is not.
      rejectUnauthorized: true,
      // The name of an address is no name (RFC 6066, 3).
      servername: isIP(host) === 0 ? host : '',
      checkServerIdentity: (_name, { raw }) => {
        const certificate = new X509Certificate(raw);
        if (!checksName || isForHost(certificate, host)) return undefined;
        return new Error(`its certificate is for ${namesIn(certificate)}, and not for ${host}`);
      },
    });
    socket.setNoDelay(true);
    socket.once('secureConnect', () => {
      let isTaken = false;
      socket.once('data', () => (isTaken = true));
      socket.once('end', () => {
        if (!isTaken && !socket.writableEnded) onRefused(to);
      });
    });
    return socket;
  }
}
