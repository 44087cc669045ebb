import type { Secret } from '../../secret.ts';

/** A file with a key and its certificates, or with those that are trusted. */
export interface CertificateStore {
  readonly path: string;
  readonly type: 'PEM' | 'PKCS12' | 'JKS';
  readonly password: Secret | null;
}

/** A port for clients that speak TLS, as zoo.cfg has it (protocol §7.3). */
export interface TlsConfig {
  readonly host: string;
  readonly port: number;
  readonly keyStore: CertificateStore;
  /** Null: certificates of clients are not asked for. */
  readonly trustStore: CertificateStore | null;
  readonly clientAuth: 'none' | 'want' | 'need';
  /** The lowest and the highest, as Node names them. */
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL lists them; null for Node's own. */
  readonly ciphers: string | null;
  readonly handshakeTimeoutMs: number;
}
