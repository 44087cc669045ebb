import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KeyStoreError } from './key-store-error.ts';
import { readPkcs12 } from './pkcs12.ts';
import { type Identity, TestAuthority, whyNoCertificates } from './testing/certificates.ts';
import { keytool, whyNoKeytool } from './testing/keytool.ts';
import { makePkcs12 } from './testing/make-pkcs12.ts';

const PASSWORD = 'pässwörd';
const derOf = (file: string): Buffer => new X509Certificate(readFileSync(file)).raw;
const keyOf = (file: string): Buffer =>
  createPrivateKey(readFileSync(file)).export({ type: 'pkcs8', format: 'der' });

await t.test(
  'stores that OpenSSL makes, in all ways that are safe',
  { skip: whyNoCertificates() },
  async (t) => {
    const directory = t.testdir();
    const authority = new TestAuthority(directory);
    const own = authority.issue('own', '/CN=localhost');
    const expected = {
      keys: [keyOf(own.key)],
      certificates: [derOf(own.certificate), derOf(authority.certificate)],
      trusted: [],
    };
    const made = (...how: readonly string[]): Buffer => opensslStore(directory, own, authority, how);
    const ways: readonly (readonly string[])[] = [
      [],
      ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
      ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-192-CBC', '-macalg', 'sha384'],
      ['-keypbe', 'NONE', '-certpbe', 'NONE', '-macalg', 'sha512', '-iter', '1'],
      ['-keypbe', 'DES-EDE3-CBC', '-nomac'],
    ];
    for (const way of ways) {
      t.same({ ...readPkcs12(made(...way), PASSWORD) }, expected, way.join(' '));
    }
    const refused = {
      name: 'KeyStoreError',
      message: /password of the store is wrong, or the store was changed/,
    };
    t.throws(() => readPkcs12(made(), 'wrong'), refused);
    t.throws(() => readPkcs12(made(), ''), refused);
    t.throws(() => readPkcs12(made('-nomac'), 'wrong'), KeyStoreError);
    t.throws(() => readPkcs12(made('-legacy'), PASSWORD), {
      name: 'KeyStoreError',
      message: /encryption \(1\.2\.840\.113549\.1\.12\.1\.6\) is not known here/,
    });
  },
);

function opensslStore(
  directory: string,
  { key, certificate }: Identity,
  authority: TestAuthority,
  how: readonly string[],
): Buffer {
  const store = join(directory, 'store.p12');
  const content = ['-inkey', key, '-in', certificate, '-certfile', authority.certificate];
  const about = ['-out', store, '-passout', `pass:${PASSWORD}`];
  execFileSync('openssl', ['pkcs12', '-export', ...content, ...about, ...how], { stdio: 'pipe' });
  return readFileSync(store);
}

await t.test(
  'each byte of what a store holds is under its digest',
  { skip: whyNoCertificates() },
  async (t) => {
    const directory = t.testdir();
    const authority = new TestAuthority(directory);
    const own = authority.issue('own', '/CN=localhost');
    const store = opensslStore(directory, own, authority, ['-iter', '1', '-nomaciter']);
    const before = JSON.stringify(readPkcs12(store, PASSWORD));
    for (let at = 0; at < store.length; at++) {
      const changed = Buffer.from(store);
      changed[at] = (changed[at] ?? 0) ^ 1;
      let after = before;
      try {
        after = JSON.stringify(readPkcs12(changed, PASSWORD));
      } catch (error) {
        if (!(error instanceof KeyStoreError)) throw error;
      }
      if (after !== before) t.fail(`byte ${at} can be changed`);
    }
  },
);

await t.test('what has no digest, and a part that is not as it must be', async (t) => {
  const [key, certificate, other] = [Buffer.from('key'), Buffer.from('certificate'), Buffer.from('other')];
  for (const password of [undefined, PASSWORD]) {
    const entries = { keys: [key], certificates: [certificate], trusted: [other] };
    t.strictSame(
      { ...readPkcs12(makePkcs12(entries, password), PASSWORD) },
      { keys: [key], certificates: [certificate, other], trusted: [other] },
    );
  }
  const store = makePkcs12({ keys: [key] });
  const cases: readonly (readonly [RegExp, Buffer])[] = [
    [/ends too early/, store.subarray(0, -1)],
    [/ends too early/, Buffer.alloc(0)],
    [/not in DER/, Buffer.from('3080020103', 'hex')],
    [/type 45 where 48 must be/, Buffer.from('-----BEGIN CERTIFICATE-----')],
    [/version 3/, Buffer.from('3003020102', 'hex')],
    [/number that is too large/, Buffer.from('3003020104', 'hex')],
  ];
  for (const [message, bytes] of cases)
    t.throws(() => readPkcs12(bytes, PASSWORD), { name: 'KeyStoreError', message }, String(message));
  t.throws(() => readPkcs12(makePkcs12({ keys: [key] }, 'other'), PASSWORD), KeyStoreError);
});

await t.test('stores that keytool makes', { skip: whyNoKeytool() }, async (t) => {
  const store = join(t.testdir(), 'store.jks');
  const own = ['-keystore', store, '-storepass', 'changeit'];
  keytool('-genkeypair', ...own, '-alias', 'own', '-keyalg', 'EC', '-dname', 'CN=localhost');
  const certificate = join(t.testdirName, 'own.crt');
  const [ownCertificate = Buffer.alloc(0)] = readPkcs12(readFileSync(store), 'changeit').certificates;
  writeFileSync(certificate, ownCertificate);
  keytool('-importcert', ...own, '-alias', 'ca', '-file', certificate, '-noprompt');
  const { keys, certificates, trusted } = readPkcs12(readFileSync(store), 'changeit');
  t.equal(keys.length, 1);
  t.same(certificates, [ownCertificate, ownCertificate]);
  t.same(trusted, [ownCertificate], 'only what was imported as such');
  const key = createPrivateKey({ key: Buffer.from(keys[0] ?? []), format: 'der', type: 'pkcs8' });
  t.ok(new X509Certificate(ownCertificate).checkPrivateKey(key));
});
