import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { cleanEnvironment } from '../load/clean-environment.ts';
import { MutatedBuild } from '../mutants/mutated-build.ts';
import { parseCase } from '../shrink/chaos-case.ts';
import { ExitCode } from './exit-code.ts';

const OURS = fileURLToPath(new URL('../main.js', import.meta.url));

async function stampede(
  main: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  await once(child, 'close');
  return { code: child.exitCode, output };
}

await t.test(
  'a run that fails for no fault of its faults shrinks to none, and does not fail on a right server',
  async (t) => {
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
    const plan = 'pause-follower at 0.2 s for 0.1 s, slow-flush at 0.5 s for 0.1 s';
    const play = ['chaos', '--plan', plan, '--participants', '2', '--time', '2', '--seed', '5'];
    const played = await stampede(build.main, [...play, '--set', 'tickTime=250', '--out', out]);
    t.equal(played.code, ExitCode.historyInvalid, played.output);
    const [run = ''] = readdirSync(out);
    const directory = join(out, run);

    const shrunk = await stampede(build.main, ['shrink', directory, '--tries', '1']);
    t.equal(shrunk.code, ExitCode.passed, shrunk.output);
    t.match(shrunk.output, /^0 faults, 1 client, 1 s are enough, of 2 faults, 2 clients, 2 s$/m);
    const file = join(directory, 'case.yaml');
    const least = parseCase(readFileSync(file, 'utf8'), file);
    t.match(least, { workload: 'register', participants: 1, timeS: 1, seed: 5, set: { tickTime: '250' } });
    t.same(least.plan.steps, []);

    const again = await stampede(OURS, ['chaos', '--case', file, '--out', join(out, 'again')]);
    t.equal(again.code, ExitCode.passed, again.output);
    const given = await stampede(OURS, ['shrink', directory, '--tries', '1', '--to', join(out, 'none.yaml')]);
    t.equal(given.code, ExitCode.verdictUnknown, given.output);
    t.match(given.output, /has not failed again in 1 tries/);
  },
);

await t.test('what cannot be shrunk is refused', async (t) => {
  const { code, output } = await stampede(OURS, ['shrink', t.testdir()]);
  t.equal(code, ExitCode.usage);
  t.match(output, /is not a run directory: no run\.json/);
  const both = await stampede(OURS, ['chaos', '--case', 'none.yaml', '--faults', 'kill']);
  t.equal(both.code, ExitCode.usage);
  t.match(both.output, /leave --faults out/);
  const missing = await stampede(OURS, ['chaos', '--case', 'none.yaml']);
  t.equal(missing.code, ExitCode.usage);
  t.match(missing.output, /--case none\.yaml: it cannot be read/);
});
