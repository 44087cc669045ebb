import { createHash } from 'node:crypto';
import { der } from './make-pkcs12.ts';

export interface JksEntries {
  /** PKCS#8 and X.509, as DER. */
  readonly keys?: readonly { readonly key: Uint8Array; readonly chain: readonly Uint8Array[] }[];
  readonly trusted?: readonly Uint8Array[];
  /** 2 unless told. */
  readonly version?: number;
  /** The store's unless told. */
  readonly keyPassword?: string;
}

/** A key store as Java writes it. */
export function makeJks(entries: JksEntries, password: string): Buffer {
  return sealJks(jksBody(entries, password), password);
}

/** All of a store but the digest at its end. */
export function jksBody(
  { keys = [], trusted = [], version = 2, keyPassword }: JksEntries,
  password: string,
): Buffer {
  const certificate = (der: Uint8Array): Buffer =>
    Buffer.concat([...(version === 2 ? [utf('X.509')] : []), sized(der)]);
  const entry = (kind: number, alias: string): Buffer[] => [int(kind), utf(alias), Buffer.alloc(8)];
  return Buffer.concat([
    int(0xfeedfeed),
    int(version),
    int(keys.length + trusted.length),
    ...keys.flatMap(({ key, chain }, i) => [
      ...entry(1, `key ${i}`),
      sized(hidden(key, utf16(keyPassword ?? password))),
      int(chain.length),
      ...chain.map(certificate),
    ]),
    ...trusted.flatMap((der, i) => [...entry(2, `ca ${i}`), certificate(der)]),
  ]);
}

export function sealJks(body: Uint8Array, password: string): Buffer {
  return Buffer.concat([body, sha1(utf16(password), Buffer.from('Mighty Aphrodite'), body)]);
}

function hidden(key: Uint8Array, password: Buffer): Buffer {
  // Fixed, so that the same entries are the same file.
  const salt = Buffer.alloc(20, 7);
  let block: Buffer = salt;
  const stream: Buffer[] = [];
  for (let bytes = 0; bytes < key.length; bytes += block.length) {
    block = sha1(password, block);
    stream.push(block);
  }
  const keystream = Buffer.concat(stream);
  const content = Buffer.concat([
    salt,
    key.map((byte, i) => byte ^ (keystream[i] ?? 0)),
    sha1(password, key),
  ]);
  const algorithm = Buffer.from('300e060a2b060104012a021101010500', 'hex');
  return der(0x30, Buffer.concat([algorithm, der(0x04, content)]));
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function utf(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function sized(bytes: Uint8Array): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
