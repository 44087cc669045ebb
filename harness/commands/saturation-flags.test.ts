import { Command } from 'commander';
import t from 'tap';
import { UsageError } from './exit-code.ts';
import { addLoadFlags } from './flags.ts';
import { addSaturationFlags, givenWords, runSeries, type SeriesFlags } from './saturation-flags.ts';

function parsed(...words: readonly string[]): Command {
  const command = new Command('bench').option('--fault <name>').option('--clients <placement>', '', 'spread');
  addLoadFlags(command);
  addSaturationFlags(command);
  return command.parse(words, { from: 'user' });
}

function refusal(...words: readonly string[]): string {
  const command = parsed(...words);
  try {
    void runSeries(command.opts<SeriesFlags>(), command, { command: ['bench', ...words], print: () => {} });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

await t.test('a run that is no series is left to others', (t) => {
  const command = parsed('--rate', '5', '--threshold', 'errors<1%');
  t.equal(runSeries(command.opts<SeriesFlags>(), command, { command: [], print: () => {} }), null);
  t.end();
});

await t.test('what cannot be asked for is refused, with what would be right', (t) => {
  const knee = ['--find-knee', '--slo', 'write.p99<20ms'];
  for (const [words, says] of [
    [['--find-knee'], /^--find-knee: say what must hold at a rate, as in --slo 'write\.p99<20ms'/],
    [['--slo', 'errors<1%'], /^--slo errors<1%: it is for --find-knee; for one run say --threshold/],
    [['--find-knee', '--slo', 'write.p99<20'], /^--slo 'write\.p99<20': column 13: a time is a number/],
    [[...knee, '--slo', 'throughput>=baseline'], /throughput>=baseline': at each rate a baseline is another/],
    [[...knee, '--slo', 'write.gap<1s'], /nothing is done to the servers, so that there is no gap; leave it/],
    [[...knee, '--fault', 'kill-any'], /^--find-knee --fault: what counts is --slo, on servers to which/],
    [[...knee, '--threshold', 'errors<1%'], /^--find-knee --threshold: what counts is --slo/],
    [[...knee, '--sweep', 'depth=1,2'], /^--find-knee --sweep depth=1,2: give one or the other/],
    [[...knee, '--clients', 'nobody'], /^--clients nobody: give spread/],
  ] as const) {
    t.match(refusal(...words), says, words.join(' '));
  }
  t.end();
});

await t.test('each run is given all that was given, but for what makes it a series', (t) => {
  const own = ['--find-knee', '--slo', 'errors<1%', '--seed', '4', '--out', 'here'];
  const words = ['--connections', '5', '--set', 'a=1', '--set', 'b=2', '--probes', 'off'];
  t.same(givenWords(parsed(...own, ...words)).toSorted(), [
    '--connections=5',
    '--probes=off',
    '--set=a=1',
    '--set=b=2',
  ]);
  t.end();
});
