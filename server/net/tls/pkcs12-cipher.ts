import { createDecipheriv, createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { Der, type DerReader } from './der.ts';
import { KeyStoreError } from './key-store-error.ts';

/** What deriving a key may cost: a second or so. Java's stores have 10,000, OpenSSL's 2048. */
const ITERATIONS_MAX = 1_000_000;
/** What PKCS #12 derives of a password, by the number it has there. */
const Purpose = { key: 1, iv: 2, mac: 3 } as const;
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const SHA1_AND_3DES = '1.2.840.113549.1.12.1.3';
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyBytes: number } | undefined>> = {
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
};
const HMACS: Readonly<Record<string, string | undefined>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
interface Hash {
  readonly name: string;
  readonly digestBytes: number;
  readonly blockBytes: number;
}

const SHA1: Hash = { name: 'sha1', digestBytes: 20, blockBytes: 64 };
const HASHES: Readonly<Record<string, Hash | undefined>> = {
  '1.3.14.3.2.26': SHA1,
  '2.16.840.1.101.3.4.2.4': { name: 'sha224', digestBytes: 28, blockBytes: 64 },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', digestBytes: 32, blockBytes: 64 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', digestBytes: 48, blockBytes: 128 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', digestBytes: 64, blockBytes: 128 },
};

/**
 * Decrypts by an AlgorithmIdentifier: PBES2 of RFC 8018 with AES or 3DES, or SHA-1 and 3DES of RFC 7292.
 *
 * @throws KeyStoreError for another algorithm, as RC2, and for a wrong password.
 */
export function decrypt(algorithm: DerReader, encrypted: Uint8Array, password: string): Uint8Array {
  const { cipher, key, iv } = keyFor(algorithm, password);
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch (error) {
    throw new KeyStoreError('what is encrypted in it has another password, or was changed', { cause: error });
  }
}

/** Whether the MacData of a store is that of its content. @throws KeyStoreError for an algorithm that is not known. */
export function isMacRight(macData: DerReader, content: Uint8Array, password: string): boolean {
  const digestInfo = macData.inside(Der.sequence);
  const oid = digestInfo.inside(Der.sequence).oid();
  const hash = HASHES[oid];
  if (hash === undefined) throw unknown('MAC', oid);
  const mac = digestInfo.content(Der.octets);
  const salt = macData.content(Der.octets);
  const iterations = macData.hasMore ? macData.integer(ITERATIONS_MAX) : 1;
  const key = derive(Purpose.mac, { hash, password, salt, iterations, length: hash.digestBytes });
  return createHmac(hash.name, key).update(content).digest().equals(mac);
}

interface KeyForCipher {
  readonly cipher: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

function keyFor(algorithm: DerReader, password: string): KeyForCipher {
  const oid = algorithm.oid();
  const parameters = algorithm.inside(Der.sequence);
  if (oid === PBES2) return keyOfPbes2(parameters, password);
  if (oid !== SHA1_AND_3DES) throw unknown('encryption', oid);
  const salt = parameters.content(Der.octets);
  const iterations = parameters.integer(ITERATIONS_MAX);
  return {
    cipher: 'des-ede3-cbc',
    key: derive(Purpose.key, { hash: SHA1, password, salt, iterations, length: 24 }),
    iv: derive(Purpose.iv, { hash: SHA1, password, salt, iterations, length: 8 }),
  };
}

function keyOfPbes2(parameters: DerReader, password: string): KeyForCipher {
  const derivation = parameters.inside(Der.sequence);
  const derivationOid = derivation.oid();
  if (derivationOid !== PBKDF2) throw unknown('key derivation', derivationOid);
  const pbkdf2 = derivation.inside(Der.sequence);
  const salt = pbkdf2.content(Der.octets);
  const iterations = pbkdf2.integer(ITERATIONS_MAX);
  // The key's length, which the cipher tells as well.
  if (pbkdf2.isNext(Der.integer)) pbkdf2.content(Der.integer);
  const hmacOid = pbkdf2.hasMore ? pbkdf2.inside(Der.sequence).oid() : '1.2.840.113549.2.7';
  const encryption = parameters.inside(Der.sequence);
  const cipherOid = encryption.oid();
  const [hmac, cipher] = [HMACS[hmacOid], CIPHERS[cipherOid]];
  if (hmac === undefined) throw unknown('key derivation', hmacOid);
  if (cipher === undefined) throw unknown('encryption', cipherOid);
  const iv = encryption.content(Der.octets);
  if (iterations === 0) throw new KeyStoreError('it derives its key in 0 rounds');
  const key = pbkdf2Sync(password, salt, iterations, cipher.keyBytes, hmac);
  return { cipher: cipher.name, key, iv };
}

interface Derivation {
  readonly hash: Hash;
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Of what is derived, in bytes. */
  readonly length: number;
}

/** RFC 7292, appendix B.2. */
function derive(purpose: number, { hash, password, salt, iterations, length }: Derivation): Buffer {
  const { name, blockBytes } = hash;
  const diversifier = Buffer.alloc(blockBytes, purpose);
  const terminated = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let input: Buffer = Buffer.concat([filled(salt, blockBytes), filled(terminated, blockBytes)]);
  const derived: Buffer[] = [];
  for (let bytes = 0; bytes < length;) {
    let block = createHash(name).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round++) block = createHash(name).update(block).digest();
    derived.push(block);
    bytes += block.length;
    input = plusOne(input, filled(block, blockBytes).subarray(0, blockBytes), blockBytes);
  }
  return Buffer.concat(derived).subarray(0, length);
}

/** Repeated up to the next multiple of a block. */
function filled(bytes: Uint8Array, blockBytes: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes);
}

/** Each block of the input plus `addend` plus one, as large numbers. */
function plusOne(input: Buffer, addend: Buffer, blockBytes: number): Buffer {
  const sums = Buffer.from(input);
  for (let start = 0; start < sums.length; start += blockBytes) {
    let carry = 1;
    for (let i = blockBytes - 1; i >= 0; i--) {
      const sum = (sums[start + i] as number) + (addend[i] as number) + carry;
      sums[start + i] = sum & 0xff;
      carry = sum >> 8;
    }
  }
  return sums;
}

function unknown(what: string, oid: string): KeyStoreError {
  return new KeyStoreError(
    `its ${what} (${oid}) is not known here; openssl pkcs12 or a keytool of these days makes a store that is read`,
  );
}
