import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Night, nightSchema } from '../history/night-schema.ts';
import { ExitCode } from './exit-code.ts';
import { CommandRun } from './testing/command-run.ts';

function nightly(out: string, args: readonly string[]): CommandRun {
  const history = join(out, 'history');
  const env = { GITHUB_STEP_SUMMARY: join(out, 'step-summary') };
  return new CommandRun(
    [
      'nightly',
      '--minutes',
      '0.01',
      '--seed',
      '3',
      '--out',
      join(out, 'runs'),
      '--history',
      history,
      ...args,
    ],
    { env },
  );
}

function nightIn(out: string): { readonly directory: string; readonly night: Night } {
  const [name = ''] = readdirSync(join(out, 'runs'));
  const directory = join(out, 'runs', name);
  return {
    directory,
    night: nightSchema.parse(JSON.parse(readFileSync(join(directory, 'night.json'), 'utf8'))),
  };
}

await t.test('a short night leaves all that a long one does, and is kept', async (t) => {
  const out = t.testdir({});
  const command = nightly(out, ['--parts', 'chaos,bench']);
  t.teardown(() => command.kill());
  const exitCode = await command.exitCode();
  const { directory, night } = nightIn(out);
  // A machine that is busy with other tests may be too slow for a bench that counts.
  t.ok(
    exitCode === ExitCode.passed || exitCode === ExitCode.generatorLimited,
    command.stdout + command.stderr,
  );
  t.equal(night.verdict.exitCode, exitCode);
  t.same(
    night.parts.map(({ name }) => name),
    ['chaos', 'bench'],
  );
  t.ok(
    night.parts.every(({ runs }) => runs.length > 0),
    'each has played something',
  );
  t.equal(night.trend.length, 3);
  for (const file of [
    'summary.md',
    'junit.xml',
    'index.html',
    `nights/${night.id}/night.json`,
    'logs/chaos.txt',
  ]) {
    t.ok(existsSync(join(directory, file)), file);
  }
  t.match(readFileSync(join(out, 'step-summary'), 'utf8'), /^## .* Night of /);
  t.same(readdirSync(join(out, 'history')), [night.id]);
});

await t.test('with a bug planted in the servers it fails, and names the run that caught it', async (t) => {
  const out = t.testdir({});
  const command = nightly(out, ['--parts', 'chaos', '--mutant', 'R08']);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), ExitCode.historyInvalid, command.stdout + command.stderr);
  const { directory, night } = nightIn(out);
  const run = night.parts[0]?.runs.find(({ outcome }) => outcome === 'failed');
  t.ok(
    night.verdict.sentence.startsWith(
      `R08 (a write's reply names the zxid before its own) was planted, and ${run?.name} has caught it: `,
    ),
  );
  t.ok(command.stdout.includes(night.verdict.sentence));
  t.equal(run?.again, 'npm run nightly -- --minutes 0.01 --seed 3 --parts chaos --mutant R08');
  t.ok(existsSync(join(directory, 'nights', night.id, run?.report ?? '')), 'what the index leads to');
  t.match(readFileSync(join(directory, 'junit.xml'), 'utf8'), /<failure message="exit code 100">/);
});

await t.test('interrupted it leaves what there is until then', async (t) => {
  const out = t.testdir({});
  const command = nightly(out, ['--minutes', '5', '--parts', 'swarm,bench']);
  t.teardown(() => command.kill());
  await command.untilPrinted(/^Simulated ensembles/m);
  command.child.kill('SIGINT');
  t.equal(await command.exitCode(), ExitCode.interrupted, command.stderr);
  const { directory, night } = nightIn(out);
  t.same(
    night.parts.map(({ outcome }) => outcome),
    ['interrupted', 'interrupted'],
  );
  t.match(readFileSync(join(directory, 'summary.md'), 'utf8'), /It was interrupted\./);
  t.match(readFileSync(join(directory, 'junit.xml'), 'utf8'), /skipped="2"/);
});

await t.test('what cannot be is refused before anything is made', async (t) => {
  const out = t.testdir({});
  for (const [args, message] of [
    [['--mutant', 'R99'], /--mutant R99: there is no such planted bug; they are R01 to R38/],
    [['--parts', 'swarm,sleep'], /--parts sleep: they are known-seeds, .*bench/],
    [['--minutes', '0'], /Give a number above 0/],
    [['--history', '/dev/null/nights'], /--history \/dev\/null\/nights: .*; name a directory/],
  ] as const) {
    const command = nightly(out, args);
    t.equal(await command.exitCode(), ExitCode.usage, args.join(' '));
    t.match(command.stderr, message);
    t.notOk(existsSync(join(out, 'runs')));
  }
});
