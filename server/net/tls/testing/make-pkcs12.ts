import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { Der } from '../der.ts';

const PKCS7 = '1.2.840.113549.1.7';
const BAGS = '1.2.840.113549.1.12.10.1';
const ITERATIONS = 3;

export interface Pkcs12Entries {
  /** PKCS#8 and X.509, as DER. */
  readonly keys?: readonly Uint8Array[];
  readonly certificates?: readonly Uint8Array[];
  readonly trusted?: readonly Uint8Array[];
}

/** A store without a MAC, of which all is encrypted (AES-256, PBKDF2) if there is a password. */
export function makePkcs12(
  { keys = [], certificates = [], trusted = [] }: Pkcs12Entries,
  password?: string,
): Buffer {
  const bags = sequence(
    ...keys.map((key) => bag(`${BAGS}.1`, key)),
    ...certificates.map((certificate) => certificateBag(certificate)),
    ...trusted.map((certificate) => certificateBag(certificate, '2.16.840.1.113894.746875.1.1')),
  );
  const safe = password === undefined ? info(`${PKCS7}.1`, octets(bags)) : encrypted(bags, password);
  return sequence(der(Der.integer, Buffer.from([3])), info(`${PKCS7}.1`, octets(sequence(safe))));
}

function encrypted(bags: Buffer, password: string): Buffer {
  // Fixed, so that the same entries are the same file.
  const [salt, iv] = [Buffer.alloc(8, 7), Buffer.alloc(16, 9)];
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256'), iv);
  const content = Buffer.concat([cipher.update(bags), cipher.final()]);
  const hmac = sequence(oid('1.2.840.113549.2.9'));
  const pbkdf2 = sequence(octets(salt), der(Der.integer, Buffer.from([ITERATIONS])), hmac);
  const algorithm = sequence(
    oid('1.2.840.113549.1.5.13'),
    sequence(
      sequence(oid('1.2.840.113549.1.5.12'), pbkdf2),
      sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv)),
    ),
  );
  const content0 = sequence(oid(`${PKCS7}.1`), algorithm, der(Der.implicit, content));
  return info(`${PKCS7}.6`, sequence(der(Der.integer, Buffer.from([0])), content0));
}

function certificateBag(certificate: Uint8Array, attribute?: string): Buffer {
  const value = sequence(oid('1.2.840.113549.1.9.22.1'), der(Der.explicit, octets(certificate)));
  const attributes =
    attribute === undefined ? [] : [der(Der.set, sequence(oid(attribute), der(Der.set, Buffer.alloc(0))))];
  return bag(`${BAGS}.3`, value, ...attributes);
}

function bag(type: string, value: Uint8Array, ...attributes: readonly Buffer[]): Buffer {
  return sequence(oid(type), der(Der.explicit, value), ...attributes);
}

function info(type: string, content: Buffer): Buffer {
  return sequence(oid(type), der(Der.explicit, content));
}

function sequence(...values: readonly Uint8Array[]): Buffer {
  return der(Der.sequence, Buffer.concat(values));
}

function octets(content: Uint8Array): Buffer {
  return der(Der.octets, content);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  return der(Der.oid, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let left = arc >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** A value of DER, of up to 64 KiB. */
export function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
