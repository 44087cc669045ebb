import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { isForHost, namesIn } from './certificate-names.ts';
import { TestAuthority, whyNoCertificates } from './testing/certificates.ts';

await t.test(
  'a certificate is for the hosts that it lists, letter by letter',
  { skip: whyNoCertificates() },
  async (t) => {
    const authority = new TestAuthority(t.testdir());
    const certificateFor = (names: string): X509Certificate =>
      new X509Certificate(readFileSync(authority.issue('server', '/CN=zoo9', names).certificate));

    const listed = certificateFor('DNS:zoo1.example,DNS:*.wild.example,IP:10.0.0.1,IP:fd00::1');
    for (const host of ['zoo1.example', 'ZOO1.example', '10.0.0.1', 'fd00::1', 'FD00:0::1'])
      t.ok(isForHost(listed, host), host);
    for (const host of [
      'zoo9',
      'zoo1',
      'zoo2.example',
      'a.zoo1.example',
      'a.wild.example',
      '10.0.0.2',
      'fd00::2',
      '',
    ])
      t.notOk(isForHost(listed, host), host);
    t.equal(
      namesIn(listed),
      'DNS:zoo1.example, DNS:*.wild.example, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1',
    );
    t.notOk(isForHost(certificateFor('DNS:10.0.0.1'), '10.0.0.1'), 'an address is no name');
    const nameless = new X509Certificate(readFileSync(authority.certificate));
    t.notOk(isForHost(nameless, 'authority'), 'a common name is none either');
    t.equal(namesIn(nameless), 'nobody');
  },
);
