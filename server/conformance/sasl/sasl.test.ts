import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sourcePath } from '../clients/testdata.ts';
import { startTarget, whyUnavailable } from '../targets.ts';
import { saslConfig } from './sasl-target.ts';
import { SCRIPTS, play } from './script.ts';

const RECORDING = sourcePath('sasl/testdata/apache-3.8.0.txt');
const JAAS_PROPERTY = 'java.security.auth.login.config';

await t.test('our server answers who authenticates as was recorded of Apache', async (t) => {
  t.same(await answersOf('ours', t.testdir()), readFileSync(RECORDING, 'utf8').split('\n'));
});

await t.test('Apache answers as was recorded of it', { skip: whyUnavailable('apache') }, async (t) => {
  const lines = await answersOf('apache', t.testdir());
  if (process.env['STAMPEDE_UPDATE_RECORDINGS'] === '1') writeFileSync(RECORDING, lines.join('\n'));
  t.same(lines, readFileSync(RECORDING, 'utf8').split('\n'));
});

/** All scripts, each on a server of its own. */
async function answersOf(name: 'ours' | 'apache', parent: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [index, { name: what, config, script }] of SCRIPTS.entries()) {
    const directory = join(parent, String(index));
    mkdirSync(directory);
    const { jaas, config: common } = saslConfig(directory);
    const target = await startTarget(name, {
      directory,
      config: { ...common, ...config, ...(name === 'ours' ? { [JAAS_PROPERTY]: jaas } : {}) },
      jvmFlags: [`-D${JAAS_PROPERTY}=${jaas}`],
    });
    try {
      lines.push(`# ${what}`, ...(await play(target.address, script)));
    } finally {
      await target.stop();
    }
  }
  return lines;
}
