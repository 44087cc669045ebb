import { createHash } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import { Der, DerReader } from './der.ts';
import { KeyStoreError } from './key-store-error.ts';

const MAGIC = 0xfeedfeed;
/** The SHA-1 at the end, of the password, these words and what is before. */
const DIGEST_BYTES = 20;
const WHITENER = 'Mighty Aphrodite';
/** By which Sun named the way in which keys are hidden. */
const SUN_KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1';
const KEY_ENTRY = 1;
const TRUSTED_ENTRY = 2;

/** All of it as DER: keys in PKCS#8, certificates in X.509. */
export interface JksContents {
  readonly keys: readonly {
    readonly key: Uint8Array;
    /** Its own certificate first, then those that signed it. */
    readonly chain: readonly Uint8Array[];
  }[];
  /** Whom its owner trusts. */
  readonly trusted: readonly Uint8Array[];
}

/** Whether a file is one of Java's own key stores; by its name alone it may as well be PKCS12, as keytool's are since Java 9. */
export function isJks(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new ByteReader(bytes).uint32() === MAGIC;
}

/**
 * Reads a key store of type JKS, of either version, whose keys have the store's password.
 *
 * The format is that of the JDK's `sun.security.provider.JavaKeyStore` and `KeyProtector`. It hides keys behind SHA-1
 * alone: who has the file can try passwords fast.
 *
 * @throws KeyStoreError for a wrong password, and for a file that is not such a store or was damaged.
 */
export function readJks(bytes: Uint8Array, password: string): JksContents {
  if (!isJks(bytes)) throw new KeyStoreError('it is no key store of type JKS');
  const body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  const passwordBytes = Buffer.from(password, 'utf16le').swap16();
  const digest = sha1(passwordBytes, Buffer.from(WHITENER), body);
  if (!digest.equals(bytes.subarray(body.length)))
    throw new KeyStoreError('the password of the store is wrong, or the store was changed');
  return readEntries(new ByteReader(body), passwordBytes);
}

function readEntries(reader: ByteReader, password: Buffer): JksContents {
  const keys: JksContents['keys'][number][] = [];
  const trusted: Uint8Array[] = [];
  reader.uint32();
  const version = reader.uint32();
  if (version !== 1 && version !== 2) throw new KeyStoreError(`JKS of version ${version} is not known`);
  const certificate = (): Uint8Array => {
    // Version 1 had nothing but X.509.
    if (version === 2) checkType(reader.bytes(reader.uint16()));
    return reader.bytes(reader.uint32());
  };
  for (let left = reader.uint32(); left > 0; left--) {
    const kind = reader.uint32();
    reader.bytes(reader.uint16()); // Its alias, …
    reader.bytes(8); // … and when it was made.
    if (kind === TRUSTED_ENTRY) {
      trusted.push(certificate());
    } else if (kind === KEY_ENTRY) {
      const hidden = reader.bytes(reader.uint32());
      const chain: Uint8Array[] = [];
      for (let certificates = reader.uint32(); certificates > 0; certificates--) chain.push(certificate());
      keys.push({ key: recoverKey(hidden, password), chain });
    } else {
      throw new KeyStoreError(`an entry of type ${kind} is not known`);
    }
  }
  if (reader.left > 0) throw new KeyStoreError('something follows its last entry');
  return { keys, trusted };
}

function checkType(name: Uint8Array): void {
  const type = Buffer.from(name).toString('latin1');
  if (type !== 'X.509') throw new KeyStoreError('a certificate in it is not X.509');
}

/** An EncryptedPrivateKeyInfo: salt, the key xor a chain of digests, and the key's own digest. */
function recoverKey(hidden: Uint8Array, password: Buffer): Uint8Array {
  const info = new DerReader(hidden).inside(Der.sequence);
  if (info.inside(Der.sequence).oid() !== SUN_KEY_PROTECTOR)
    throw new KeyStoreError('a key in it is not protected as keys of such a store are');
  const content = new ByteReader(info.content(Der.octets));
  let block: Uint8Array = content.bytes(DIGEST_BYTES);
  const key = Buffer.from(content.bytes(Math.max(0, content.left - DIGEST_BYTES)));
  for (let start = 0; start < key.length; start += DIGEST_BYTES) {
    block = sha1(password, block);
    const end = Math.min(DIGEST_BYTES, key.length - start);
    for (let i = 0; i < end; i++) key[start + i] = (key[start + i] as number) ^ (block[i] as number);
  }
  if (!sha1(password, key).equals(content.bytes(DIGEST_BYTES)))
    throw new KeyStoreError('a key in it has another password than the store');
  return key;
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
