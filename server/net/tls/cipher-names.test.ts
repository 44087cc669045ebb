import { getCiphers } from 'node:tls';
import t from 'tap';
import { openSslCiphers } from './cipher-names.ts';

await t.test('the suites that Apache lists by default are ones that Node has', async (t) => {
  const suites = [
    'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384',
    'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
    'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
    'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_RSA_WITH_AES_128_GCM_SHA256',
  ];
  const known = new Set(getCiphers());
  for (const suite of suites) t.ok(known.has(openSslCiphers(suite).toLowerCase()), suite);
  t.equal(
    openSslCiphers(' TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, ECDHE-RSA-AES128-SHA,TLS_AES_128_GCM_SHA256'),
    'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-SHA:TLS_AES_128_GCM_SHA256',
  );
});
