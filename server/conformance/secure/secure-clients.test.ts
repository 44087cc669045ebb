import t from 'tap';
import { whyNoCertificates } from '../../net/tls/testing/certificates.ts';
import { whyUnavailable } from '../targets.ts';
import { runSecureCases, whyNoClients } from './cases.ts';

// Apache's server: node dist/server/conformance/secure/main.js --target apache
const skip = whyNoCertificates() || whyUnavailable('ours') || whyNoClients();
await t.test('clients of others over TLS and by SASL, and those who may not', { skip }, async (t) => {
  for (const { name, ok, detail } of await runSecureCases('ours', t.testdir())) t.ok(ok, name, { detail });
});
