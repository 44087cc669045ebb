import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNoCertificates } from '../../net/tls/testing/certificates.ts';
import { whyUnavailable } from '../targets.ts';
import { runSecureCases, whyNoClients } from './cases.ts';

const USAGE = `usage: node dist/server/conformance/secure/main.js [--target ours|apache]
  zkCli and kazoo over TLS and by SASL, and with certificates and passwords that must not do.
exit code: 0 all passed, 2 usage, 3 it cannot be run here, 99 a case failed`;

const { values: options } = parseArgs({
  options: { target: { type: 'string', default: 'ours' }, help: { type: 'boolean', default: false } },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const { target, help } = options;
  if (help || (target !== 'ours' && target !== 'apache')) {
    console.error(USAGE);
    return 2;
  }
  const unavailable = whyNoCertificates() || whyUnavailable(target) || whyNoClients();
  if (unavailable !== false) {
    console.error(unavailable);
    return 3;
  }
  const directory = mkdtempSync(join(tmpdir(), 'stampede-secure-'));
  try {
    const results = await runSecureCases(target, directory);
    for (const { name, ok, detail } of results)
      console.log(`${ok ? 'passed' : 'failed'}: ${name}\n${detail}`.trim());
    return results.every(({ ok }) => ok) ? 0 : 99;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
