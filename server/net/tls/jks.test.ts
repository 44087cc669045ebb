import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isJks, readJks } from './jks.ts';
import { KeyStoreError } from './key-store-error.ts';
import { keytool, whyNoKeytool } from './testing/keytool.ts';
import { jksBody, makeJks, sealJks } from './testing/make-jks.ts';

const PASSWORD = 'pässwörd 😀';
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'der',
});
const [CA, OWN] = [Buffer.from('a certificate'), Buffer.from('another')];
const KEYS = [{ key: KEY, chain: [OWN, CA] }];

await t.test('keys with their chains, and whom is trusted, of both versions', async (t) => {
  for (const version of [1, 2]) {
    const store = makeJks({ keys: KEYS, trusted: [CA, OWN], version }, PASSWORD);
    t.ok(isJks(store));
    t.strictSame(readJks(store, PASSWORD), { keys: KEYS, trusted: [CA, OWN] });
  }
  t.same(readJks(makeJks({}, ''), ''), { keys: [], trusted: [] });
});

await t.test('a wrong password is told of, and so is each byte that was changed', async (t) => {
  const store = makeJks({ keys: [{ key: Buffer.alloc(50, 1), chain: [CA] }] }, PASSWORD);
  const refused = {
    name: 'KeyStoreError',
    message: /password of the store is wrong, or the store was changed/,
  };
  t.throws(() => readJks(store, 'wrong'), refused);
  t.throws(() => readJks(store, ''), refused);
  for (let at = 4; at < store.length; at++) {
    const changed = Buffer.from(store);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.throws(() => readJks(changed, PASSWORD), refused);
  }
  for (let length = 0; length < store.length; length++)
    t.throws(() => readJks(store.subarray(0, length), PASSWORD), KeyStoreError);
});

await t.test('what has the right digest and cannot be read says why', async (t) => {
  const body = jksBody({ keys: KEYS, trusted: [CA] }, PASSWORD);
  const cases: readonly (readonly [RegExp, Buffer])[] = [
    [/no key store of type JKS/, makeJks({}, PASSWORD).fill(0, 0, 4)],
    [/version 3 is not known/, makeJks({ version: 3 }, PASSWORD)],
    [/another password than the store/, makeJks({ keys: KEYS, keyPassword: 'its own' }, PASSWORD)],
    [/ends too early/, sealJks(body.subarray(0, -1), PASSWORD)],
    [/something follows/, sealJks(Buffer.concat([body, Buffer.alloc(1)]), PASSWORD)],
    [
      /not X\.509/,
      sealJks(Buffer.from(body.toString('latin1').replaceAll('X.509', 'X.510'), 'latin1'), PASSWORD),
    ],
    [
      /type 3 is not known/,
      sealJks(
        Buffer.concat([body.subarray(0, 12), Buffer.alloc(4, 0), body.subarray(16)]).fill(3, 15, 16),
        PASSWORD,
      ),
    ],
  ];
  for (const [message, store] of cases)
    t.throws(() => readJks(store, PASSWORD), { name: 'KeyStoreError', message }, String(message));
  // More entries than there could be in any memory.
  const endless = Buffer.from(body);
  endless.writeUInt32BE(0xffffffff, 8);
  t.throws(() => readJks(sealJks(endless, PASSWORD), PASSWORD), KeyStoreError);
});

await t.test('stores that keytool makes', { skip: whyNoKeytool() }, async (t) => {
  const store = join(t.testdir(), 'store.jks');
  const own = ['-keystore', store, '-storetype', 'JKS', '-storepass', 'changeit'];
  keytool('-genkeypair', ...own, '-alias', 'Ünser Server', '-keyalg', 'EC', '-dname', 'CN=localhost');
  const [entry] = readJks(readFileSync(store), 'changeit').keys;
  if (entry === undefined) {
    t.fail('no key');
    return;
  }
  const [ownCertificate = Buffer.alloc(0)] = entry.chain;
  const x509 = new X509Certificate(ownCertificate);
  t.equal(x509.subject, 'CN=localhost');
  t.ok(x509.checkPrivateKey(createPrivateKey({ key: Buffer.from(entry.key), format: 'der', type: 'pkcs8' })));
  const certificate = join(t.testdirName, 'own.crt');
  writeFileSync(certificate, ownCertificate);
  keytool('-importcert', ...own, '-alias', 'ca', '-file', certificate, '-noprompt');
  t.strictSame(readJks(readFileSync(store), 'changeit'), { keys: [entry], trusted: [ownCertificate] });
});
