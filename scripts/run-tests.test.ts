import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { cleanEnvironment } from '../harness/load/clean-environment.ts';

const RUNNER = fileURLToPath(new URL('../../scripts/run-tests.mjs', import.meta.url));

const directory = t.testdir({
  'passes.test.js': `import t from 'tap'; await t.test('sub', async (t) => t.ok(true)); t.ok(true);`,
  'skips.test.js': `import t from 'tap'; t.ok(true); t.ok(false, 'with a peer', { skip: 'no peer' });`,
  'fails.test.js': `import t from 'tap'; t.ok(true); t.equal(1, 2, 'one is two');`,
  'dies.test.js': `process.exit(3);`,
  'plain.test.js': `import t from 'tap';
    t.equal(process.env.NODE_OPTIONS, undefined);
    t.same(process.execArgv, ['--enable-source-maps']);`,
});

function run(...names: readonly string[]): { readonly status: number | null; readonly lines: string[] } {
  const files = names.map((name) => join(directory, `${name}.test.js`));
  const { status, stdout } = spawnSync(process.execPath, [RUNNER, ...files], {
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

await t.test('what passes is counted, and nothing but node starts a file', async (t) => {
  const { status, lines } = run('passes', 'skips', 'plain');
  t.equal(status, 0, lines.join('\n'));
  t.equal(lines.at(-1), '5 passed, 0 failed');
  t.equal(lines.at(-2), '1 skipped, 0 todo');
  t.match(lines[0], /^skipped: .*skips\.test\.js > with a peer # no peer$/);
  t.equal(lines.filter((line) => /^\d+\.\d s {2}/.test(line)).length, 3, 'how long each took');
});

await t.test('what fails is told and counted, and so is a file that ends without a test', async (t) => {
  const { status, lines } = run('fails', 'dies', 'passes');
  t.equal(status, 1);
  t.equal(lines.at(-1), '3 passed, 2 failed');
  t.ok(lines.some((line) => /^not ok: .*fails\.test\.js > one is two$/.test(line)));
  t.ok(lines.some((line) => /^not ok: .*dies\.test\.js$/.test(line)));
});
