import { Der, DerReader } from './der.ts';
import { KeyStoreError } from './key-store-error.ts';
import { decrypt, isMacRight } from './pkcs12-cipher.ts';

const VERSION = 3;
const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAGS = '1.2.840.113549.1.12.10.1';
const Bag = {
  key: `${BAGS}.1`,
  shroudedKey: `${BAGS}.2`,
  certificate: `${BAGS}.3`,
  nested: `${BAGS}.6`,
} as const;
const X509 = '1.2.840.113549.1.9.22.1';
/** By which Java marks a certificate that is trusted, and not one of a key's own. */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1';
const NESTING_MAX = 8;

/** All of it as DER: keys in PKCS#8, certificates in X.509. */
export interface Pkcs12Contents {
  readonly keys: readonly Uint8Array[];
  /** All of them, in the order of the file. */
  readonly certificates: readonly Uint8Array[];
  /** Those of them that Java takes for trusted. */
  readonly trusted: readonly Uint8Array[];
}

/**
 * Reads a store of RFC 7292, as OpenSSL and keytool write them. OpenSSL's own reader, by Node, makes everybody trusted
 * whose authority is in the file, whatever the trust store says, and reads no store without a key.
 *
 * @throws KeyStoreError for a wrong password, and for what is not such a store, was damaged, or is encrypted by RC2.
 */
export function readPkcs12(bytes: Uint8Array, password: string): Pkcs12Contents {
  const pfx = new DerReader(bytes).inside(Der.sequence);
  if (pfx.integer(VERSION) !== VERSION) throw new KeyStoreError('it is no PKCS12 store of version 3');
  const authSafe = pfx.inside(Der.sequence);
  if (authSafe.oid() !== DATA) throw new KeyStoreError('it is sealed by a signature, which is not read here');
  const content = authSafe.inside(Der.explicit).content(Der.octets);
  if (pfx.hasMore && !isMacRight(pfx.inside(Der.sequence), content, password))
    throw new KeyStoreError('the password of the store is wrong, or the store was changed');
  const contents = new Contents(password);
  for (const safes = new DerReader(content).inside(Der.sequence); safes.hasMore;)
    contents.addSafe(safes.inside(Der.sequence));
  return contents;
}

class Contents implements Pkcs12Contents {
  readonly keys: Uint8Array[] = [];
  readonly certificates: Uint8Array[] = [];
  readonly trusted: Uint8Array[] = [];
  readonly #password: string;

  constructor(password: string) {
    this.#password = password;
  }

  addSafe(safe: DerReader): void {
    const type = safe.oid();
    const content = safe.inside(Der.explicit);
    if (type === DATA) this.#addBags(new DerReader(content.content(Der.octets)).inside(Der.sequence), 0);
    else if (type === ENCRYPTED_DATA) this.#addEncrypted(content.inside(Der.sequence));
    else
      throw new KeyStoreError(
        `a part of it (${type}) is encrypted for somebody’s key, which is not read here`,
      );
  }

  #addEncrypted(data: DerReader): void {
    data.content(Der.integer);
    const info = data.inside(Der.sequence);
    info.oid();
    const algorithm = info.inside(Der.sequence);
    const bags = decrypt(algorithm, info.content(Der.implicit), this.#password);
    this.#addBags(new DerReader(bags).inside(Der.sequence), 0);
  }

  #addBags(bags: DerReader, depth: number): void {
    if (depth > NESTING_MAX) throw new KeyStoreError('its parts are nested too deeply');
    while (bags.hasMore) {
      const bag = bags.inside(Der.sequence);
      const type = bag.oid();
      const value = bag.content(Der.explicit);
      if (type === Bag.key) this.keys.push(value);
      else if (type === Bag.shroudedKey) this.keys.push(this.#unshrouded(new DerReader(value)));
      else if (type === Bag.certificate) this.#addCertificate(new DerReader(value), bag);
      else if (type === Bag.nested) this.#addBags(new DerReader(value).inside(Der.sequence), depth + 1);
      // Secret keys and lists of what is revoked are of no use here.
    }
  }

  #unshrouded(value: DerReader): Uint8Array {
    const info = value.inside(Der.sequence);
    const algorithm = info.inside(Der.sequence);
    return decrypt(algorithm, info.content(Der.octets), this.#password);
  }

  #addCertificate(value: DerReader, bag: DerReader): void {
    const certificateBag = value.inside(Der.sequence);
    if (certificateBag.oid() !== X509) throw new KeyStoreError('a certificate in it is not X.509');
    const certificate = certificateBag.inside(Der.explicit).content(Der.octets);
    this.certificates.push(certificate);
    if (bag.hasMore && hasAttribute(bag.inside(Der.set), TRUSTED_KEY_USAGE)) this.trusted.push(certificate);
  }
}

function hasAttribute(attributes: DerReader, wanted: string): boolean {
  let isThere = false;
  while (attributes.hasMore) if (attributes.inside(Der.sequence).oid() === wanted) isThere = true;
  return isThere;
}
