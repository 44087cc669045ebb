import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cleanEnvironment } from '../load/clean-environment.ts';
import { MutatedBuild } from '../mutants/mutated-build.ts';
import { ExitCode } from './exit-code.ts';

await t.test('what does not pass is told, kept, and can be played again', async (t) => {
  const build = new MutatedBuild({
    id: 'off-by-one',
    what: 'every reply names the state after the one it shows',
    patches: [
      {
        file: 'server/pipeline/client-connection.js',
        find: 'out.long(zxid);',
        replace: 'out.long(zxid > 0 ? zxid + 1 : zxid);',
      },
    ],
  });
  t.teardown(() => build.remove());
  const out = t.testdir();
  const args = ['chaos-matrix', '--runs', '1', '--time', '2', '--seed', '5', '--out', out];
  const child = spawn(process.execPath, [build.main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: cleanEnvironment(),
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  t.equal(child.exitCode, ExitCode.historyInvalid, output);
  t.match(output, /^0 of 1 runs passed$/m);
  t.match(output, /^again: npm run chaos -- --workload \S+ --faults \S+ --time 2 --seed 5/m);
  t.ok(existsSync(join(out, 'matrix-5')));
});
