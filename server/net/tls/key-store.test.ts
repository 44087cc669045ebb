import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Secret } from '../../secret.ts';
import { identityIn, trustedIn } from './key-store.ts';
import { TestAuthority, whyNoCertificates } from './testing/certificates.ts';
import { makePkcs12, type Pkcs12Entries } from './testing/make-pkcs12.ts';
import type { CertificateStore } from './tls-config.ts';

const certificateIn = (file: string): Buffer => new X509Certificate(readFileSync(file)).raw;
const pemOf = (der: Buffer): string => new X509Certificate(der).toString();

await t.test(
  'of a PKCS12 store a key goes with its certificate and those above',
  { skip: whyNoCertificates() },
  (t) => {
    const directory = t.testdir();
    const authority = new TestAuthority(directory);
    const own = authority.issue('own', '/CN=localhost');
    const [ca, other] = [authority.certificate, authority.issue('other', '/CN=other').certificate].map(
      certificateIn,
    ) as [Buffer, Buffer];
    const certificate = certificateIn(own.certificate);
    const key = createPrivateKey(readFileSync(own.key)).export({ type: 'pkcs8', format: 'der' });
    const path = join(directory, 'store.p12');
    const made = (entries: Pkcs12Entries): CertificateStore => {
      writeFileSync(path, makePkcs12(entries, 'hunter2'));
      return { path, type: 'PKCS12', password: new Secret('hunter2') };
    };
    const { cert } = identityIn(made({ keys: [key], certificates: [other, ca, certificate], trusted: [ca] }));
    t.equal(cert, pemOf(certificate) + pemOf(ca), 'in their order, each once, and no other');
    t.same(trustedIn(made({ certificates: [other], trusted: [ca, certificate] })), {
      ca: pemOf(ca) + pemOf(certificate),
    });

    const refusals: readonly (readonly [RegExp, Pkcs12Entries])[] = [
      [/has no certificate for its key/, { keys: [key], certificates: [other, ca] }],
      [/must have one private key, and has 2/, { keys: [key, key], certificates: [certificate] }],
      [/store\.p12: .*asn1/i, { keys: [Buffer.from('no key')], certificates: [certificate] }],
    ];
    for (const [message, entries] of refusals)
      t.throws(() => identityIn(made(entries)), { name: 'KeyStoreError', message }, String(message));
    t.throws(() => trustedIn(made({ keys: [key], certificates: [certificate, ca] })), {
      message: /no certificate that is marked as trusted/,
    });
    t.end();
  },
);

await t.test(
  'of a PEM file that is empty or cut off nothing is trusted',
  { skip: whyNoCertificates() },
  (t) => {
    const directory = t.testdir();
    const [one, two] = ['one', 'two'].map((name) =>
      readFileSync(new TestAuthority(directory, name).certificate, 'utf8'),
    ) as [string, string];
    const path = join(directory, 'trust.pem');
    const trusted = (text: string): string => {
      writeFileSync(path, text);
      return String(trustedIn({ path, type: 'PEM', password: null }).ca);
    };
    const whole = `# whom we trust\n${one}\n${two}`;
    t.equal(trusted(whole), one + two);
    for (const text of ['', 'no certificate\n', whole.slice(0, -60), one.replace('MII', 'MIJ')])
      t.throws(() => trusted(text), { name: 'KeyStoreError', message: /trust\.pem: / }, text.slice(0, 40));
    t.end();
  },
);
