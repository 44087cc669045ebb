import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Comparison, comparisonSchema } from '../history/comparison-schema.ts';
import { ExitCode } from './exit-code.ts';
import { CommandRun } from './testing/command-run.ts';

const SMALL = ['--keys', '50', '--connections', '2', '--duration', '0.2', '--warmup', '0', '--seed', '7'];

/** Rounds that do nothing to nobody, and so take no time. */
const CONSTANTS = ['--target', 'null', '--fault', 'none', ...SMALL];

function compare(out: string, args: readonly string[]): CommandRun {
  return new CommandRun(['compare', '--out', out, ...args]);
}

function comparisonIn(out: string): { readonly directory: string; readonly comparison: Comparison } {
  const [name = ''] = readdirSync(out);
  const directory = join(out, name);
  const text = readFileSync(join(directory, 'comparison.json'), 'utf8');
  return { directory, comparison: comparisonSchema.parse(JSON.parse(text)) };
}

await t.test('arms take turns in an order from the seed, until all rounds are played', async (t) => {
  const out = t.testdir({});
  const command = compare(out, ['--arm', 'depth=1', '--arm', 'depth=2', '--rounds', '4', ...CONSTANTS]);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), ExitCode.passed, command.stdout + command.stderr);
  const { directory, comparison } = comparisonIn(out);
  t.equal(comparison.ended, 'rounds', 'four rounds decide nothing for certain');
  t.equal(comparison.rounds.length, 8);
  for (let round = 0; round < 8; round += 2) {
    const [one, other] = comparison.rounds.slice(round, round + 2);
    t.same(new Set([one?.arm, other?.arm]), new Set([0, 1]), 'each arm once before any twice');
    t.equal(one?.seed, other?.seed, 'of the same seed');
  }
  t.same(
    comparison.measures.map(({ name }) => name),
    ['throughput', 'p50', 'p99', 'p99.9'],
  );
  t.ok(comparison.rounds.every(({ values }) => (values['throughput'] ?? 0) > 0));
  t.ok(
    comparison.rounds.every(({ runDirectory }) =>
      existsSync(join(directory, runDirectory ?? '', 'report.html')),
    ),
  );
  t.equal(comparison.findings.length, 4);
  t.ok(existsSync(join(directory, 'report.md')));
  t.equal(command.stdout.trimEnd().split('\n').at(-1), `report: ${join(directory, 'report.html')}`);
});

await t.test('interrupted it leaves a report of the rounds until then', async (t) => {
  const out = t.testdir({});
  const command = compare(out, ['--arm', 'depth=1', '--arm', 'depth=2', '--rounds', '50', ...CONSTANTS]);
  t.teardown(() => command.kill());
  await command.untilPrinted(/^ {2}3 /m);
  command.child.kill('SIGINT');
  t.equal(await command.exitCode(), ExitCode.interrupted, command.stderr);
  const { comparison } = comparisonIn(out);
  t.equal(comparison.ended, 'interrupted');
  t.ok(comparison.rounds.length >= 3);
  t.ok(comparison.rounds.every(({ excluded }) => excluded === null));
});

await t.test('what cannot be compared is refused before anything is made', async (t) => {
  const out = join(t.testdir({}), 'runs');
  const refused: readonly (readonly [string[], RegExp])[] = [
    [['--arm', 'ours'], /nothing to compare with: give two arms/],
    [['--set', 'tickTime=1'], /nothing to compare with/],
    [['--arm', 'ours', '--vs', 'tickTime=1'], /say all arms by --arm, or all by --set and --vs/],
    [['--arm', 'ours', '--arm', 'rev:no-such-revision'], /rev:no-such-revision: there is no such revision/],
    [['--set', 'tickTime=1', '--vs', 'tickTime=2', '--fault', 'earthquake'], /no such fault/],
  ];
  for (const [args, message] of refused) {
    const command = compare(out, args);
    t.equal(await command.exitCode(), ExitCode.usage, args.join(' '));
    t.match(command.stderr, message);
  }
  t.notOk(existsSync(out));
});
