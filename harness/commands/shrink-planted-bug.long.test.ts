import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readRunFile, type RunDirectory, runDirectoryAt, writeRunFile } from '../history/run-directory.ts';
import { MutatedBuild } from '../mutants/mutated-build.ts';
import { readPlanFile } from '../nemesis/plan/read-plan.ts';
import { runHarness } from './harness-child.ts';
import { ExitCode } from './exit-code.ts';
import { OWN_MAIN } from './this-build.ts';
import { CommandRun } from './testing/command-run.ts';

const PLAN = `schema: stampede.plan/1
run:
  workload: everything
  participants: 3
  rate: 60
  sessionTimeoutMs: 1500
  timeS: 1.5
  seed: 5
  config: { tickTime: 250 }
  probes: null
steps:
  - { atMs: 100, fault: slow-flush, params: { target: leader, delayMs: 5 }, forMs: 200 }
  - { atMs: 300, fault: clock-skew, forMs: 300 }
  - { atMs: 500, fault: kill-follower, forMs: 200 }
  - { atMs: 1000, fault: slow-flush, params: { target: follower, delayMs: 5 }, forMs: 200 }
`;

/** Clients notice only when their connections break, which one of the four faults does. */
const build = new MutatedBuild({
  id: 'no-way-back',
  what: 'a client that comes back is told that its session has expired',
  patches: [
    {
      file: 'server/pipeline/server-core.js',
      find: '#onReattached(connection, session, isAlive) {',
      replace: '#onReattached(connection, session, isAlive) {\n        isAlive = false;',
    },
  ],
});
t.teardown(() => build.remove());
const directory = t.testdir({ 'plan.yaml': PLAN, runs: {} });

async function play(
  main: string,
  plan: string,
): Promise<{ readonly exitCode: number | null; readonly run: RunDirectory }> {
  const runs = join(directory, 'runs');
  const before = readdirSync(runs);
  const { exitCode } = await runHarness(main, ['chaos', '--plan', plan, '--out', runs]);
  const name = readdirSync(runs).find((name) => !before.includes(name));
  return { exitCode, run: runDirectoryAt(join(runs, name ?? '')) };
}

/** Of a run that is as short as it can be not every one need fail. */
const REPLAYS_MAX = 5;

const failed = await play(build.main, join(directory, 'plan.yaml'));

await t.test('of four faults that servers with a bug had, the one is found that it takes', async (t) => {
  t.equal(failed.exitCode, ExitCode.historyInvalid);
  const command = new CommandRun(['shrink', failed.run.path, '--tries', '1']);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), ExitCode.passed, command.stdout + command.stderr);
  t.comment(command.stdout);
  const file = join(failed.run.path, 'plan.yaml');
  const { plan, run } = readPlanFile(file);
  t.same(
    plan.steps.map(({ fault }) => fault),
    ['kill-follower'],
  );
  t.match(run, { workload: 'everything', participants: 1, seed: 5 });
  t.ok(Number(run?.timeS) < 1.5);
  t.match(
    readFileSync(file, 'utf8'),
    /^# client-contract: wrong word about a session: .*\n.*\n# npm run chaos -- --plan /,
  );

  const codes: (number | null)[] = [];
  while (codes.length < REPLAYS_MAX && !codes.includes(ExitCode.historyInvalid))
    codes.push((await play(build.main, file)).exitCode);
  t.ok(codes.includes(ExitCode.historyInvalid), `the file by itself: exit codes ${codes.join(', ')}`);
  t.equal((await play(OWN_MAIN, file)).exitCode, ExitCode.passed, 'and passes without the bug');
});

await t.test('what a build without the bug plays does not fail again', async (t) => {
  writeRunFile(failed.run, { ...readRunFile(failed.run), main: join(directory, 'gone.js') });
  writeFileSync(join(failed.run.path, 'plan.yaml'), '');
  const command = new CommandRun(['shrink', failed.run.path, '--tries', '1']);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), ExitCode.notReproduced, command.stdout + command.stderr);
  t.match(command.stdout, /is not there any more: it is played by this build\n/);
  t.match(command.stdout, /It did not fail again/);
  t.same(
    readPlanFile(join(failed.run.path, 'plan.yaml')).plan,
    readPlanFile(join(directory, 'plan.yaml')).plan,
    'the plan is all of it',
  );
});
