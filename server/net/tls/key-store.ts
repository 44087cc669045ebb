import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { isJks, readJks } from './jks.ts';
import { KeyStoreError } from './key-store-error.ts';
import { readPkcs12 } from './pkcs12.ts';
import type { CertificateStore } from './tls-config.ts';

/** To its end, or to that of the file where it has none. */
const PEM_CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?(?:-----END [^\n]*|$)/g;

/** All as DER. */
interface Contents {
  readonly keys: readonly { readonly key: Uint8Array; readonly chain: readonly Uint8Array[] }[];
  readonly trusted: readonly Uint8Array[];
}

/**
 * The server's own key and certificates. What is called JKS may be PKCS12 and the other way round, as for Java.
 *
 * @throws KeyStoreError with the file's path, or the system's error.
 */
export function identityIn(store: CertificateStore): SecureContextOptions {
  const bytes = readFileSync(store.path);
  if (store.type === 'PEM') {
    const passphrase = store.password === null ? {} : { passphrase: store.password.reveal() };
    // The key and its certificates stand one behind the other, as Apache has it.
    return { key: bytes, cert: bytes, ...passphrase };
  }
  return reading(store.path, () => {
    const { keys } = contentsOf(bytes, store);
    const [first] = keys;
    // Java would take any of them.
    if (first === undefined || keys.length > 1)
      throw new KeyStoreError(`it must have one private key, and has ${keys.length}`);
    return { key: pem('PRIVATE KEY', first.key), cert: certificatesPem(first.chain) };
  });
}

/** The certificates that others' have to come from. @throws as `identityIn`. */
export function trustedIn(store: CertificateStore): SecureContextOptions {
  const bytes = readFileSync(store.path);
  if (store.type === 'PEM')
    return reading(store.path, () => ({ ca: certificatesPem(certificatesIn(bytes)) }));
  return reading(store.path, () => {
    const { trusted } = contentsOf(bytes, store);
    if (trusted.length === 0)
      throw new KeyStoreError('it has no certificate that is marked as trusted, as keytool -importcert does');
    return { ca: certificatesPem(trusted) };
  });
}

/** OpenSSL takes what it can read and says nothing of the rest: of a file that is being written, nobody would be trusted. */
function certificatesIn(pem: Buffer): Uint8Array[] {
  const blocks = pem.toString('latin1').match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new KeyStoreError('it has no certificate');
  return blocks.map((block) => new X509Certificate(block).raw);
}

function contentsOf(bytes: Uint8Array, { password }: CertificateStore): Contents {
  const said = password?.reveal() ?? '';
  if (isJks(bytes)) return readJks(bytes, said);
  const { keys, certificates: all, trusted } = readPkcs12(bytes, said);
  return { keys: keys.map((key) => ({ key, chain: chainOf(key, all) })), trusted };
}

/** The certificate of a key, and on to whoever signed whom, as far as they are there. */
function chainOf(key: Uint8Array, all: readonly Uint8Array[]): Uint8Array[] {
  const privateKey = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
  const certificates = all.map((der) => new X509Certificate(der));
  let last = certificates.find((certificate) => certificate.checkPrivateKey(privateKey));
  if (last === undefined) throw new KeyStoreError('it has no certificate for its key');
  const chain = new Set<X509Certificate>();
  while (last !== undefined && !chain.has(last)) {
    chain.add(last);
    const signed: X509Certificate = last;
    last = signed.checkIssued(signed) ? undefined : certificates.find((signer) => signed.checkIssued(signer));
  }
  return [...chain].map(({ raw }) => raw);
}

function reading<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new KeyStoreError(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

function certificatesPem(all: readonly Uint8Array[]): string {
  return all.map((certificate) => pem('CERTIFICATE', certificate)).join('');
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
