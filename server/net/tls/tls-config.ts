import type { Secret } from '../../secret.ts';

/** A file with a key and its certificates, or with those that are trusted. */
export interface CertificateStore {
  readonly path: string;
  readonly type: 'PEM' | 'PKCS12' | 'JKS';
  readonly password: Secret | null;
}

/** How TLS is spoken, as zoo.cfg has it (protocol §7.3). */
export interface TlsConfig {
  /** Of its keys in zoo.cfg. */
  readonly prefix: 'ssl.' | 'ssl.quorum.';
  readonly keyStore: CertificateStore;
  /** Null: certificates of who connects are not asked for. */
  readonly trustStore: CertificateStore | null;
  readonly clientAuth: 'none' | 'want' | 'need';
  /** The lowest and the highest, as Node names them. */
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL lists them; null for Node's own. */
  readonly ciphers: string | null;
  /** For the handshake of who connects, and before it for the first byte where that decides whether there is one. */
  readonly handshakeTimeoutMs: number;
  /** Whether files that are replaced while the server runs count. */
  readonly isReloaded: boolean;
}

/** TLS between servers: each is the client of some connections. */
export interface PeerTlsConfig extends TlsConfig {
  readonly trustStore: CertificateStore;
  /** Whether this server connects to others by TLS; it takes such connections in any case. */
  readonly isDialed: boolean;
  /** Whether it takes connections without TLS, too. */
  readonly takesPlain: boolean;
  /** Whether the certificate of who is connected to has to be for the host that was meant. */
  readonly checksDialedName: boolean;
  /** Whether that of who connects has to be for its address or for the host of a server of the ensemble. */
  readonly checksAcceptedName: boolean;
}
