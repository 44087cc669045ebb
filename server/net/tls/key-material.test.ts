import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { SILENT_LOG } from '../../base/log.ts';
import { KeyMaterial } from './key-material.ts';
import { TestAuthority, whyNoCertificates } from './testing/certificates.ts';

await t.test(
  'a file that could not be read is read as soon as it can, though it was not written anew',
  { skip: whyNoCertificates() },
  (t) => {
    const { pem: path } = new TestAuthority(t.testdir()).issue('own', '/CN=own');
    const good = readFileSync(path);
    const put = (bytes: Uint8Array): void => {
      writeFileSync(path, bytes);
      utimesSync(path, 1, 1);
    };
    put(good);
    let nowMs = 0;
    const keys = new KeyMaterial(
      {
        prefix: 'ssl.',
        keyStore: { path, type: 'PEM', password: null },
        trustStore: null,
        clientAuth: 'none',
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        ciphers: null,
        handshakeTimeoutMs: 1000,
        isReloaded: true,
      },
      { log: SILENT_LOG, nowMs: () => nowMs },
    );
    const first = keys.current();
    put(Buffer.alloc(good.length));
    nowMs += 1000;
    t.equal(keys.current(), first, 'what there was stays in force');
    put(good);
    nowMs += 1000;
    t.not(keys.current(), first);
    t.end();
  },
);
