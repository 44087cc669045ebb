import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BenchRun } from './testing/bench-run.ts';

const LOAD = ['--target', 'null', '--duration', '0.5', '--warmup', '0'];

function start(t: Test, out: string, args: readonly string[]): BenchRun {
  const command = new BenchRun(out, [...LOAD, ...args]);
  t.teardown(() => command.kill());
  return command;
}

await t.test('a run that misses a threshold ends with 99, wherever that was asked for', async (t) => {
  const directory = t.testdir({
    runs: {},
    'gated.yaml': [
      'mix: { write: 1 }',
      'keys: { count: 10 }',
      'valueSize: 64',
      'connections: 1',
      'depth: 1',
      'durationS: 1',
      'warmupS: 0',
      'thresholds: ["throughput>=4000000", "read.p99 < 5 ms"]',
    ].join('\n'),
  });
  const workload = ['--workload', join(directory, 'gated.yaml')];
  const command = start(t, join(directory, 'runs'), [...workload, '--threshold', 'write.p50<10s']);
  t.equal(await command.exitCode(), 99, command.stderr);
  t.match(command.stdout, /^✗ 'throughput>=4000000' throughput=[\d,]+ops\/s$/m);
  t.match(command.stdout, /^✗ 'read\.p99 < 5 ms' nothing to measure it on: no read has succeeded$/m);
  t.match(command.stdout, /^✓ 'write\.p50<10s' write\.p50=[\d.]+ms$/m);
  t.match(
    command.report.verdict?.sentence,
    /^2 of 3 thresholds were missed: throughput>=4000000 \([\d,]+ ops\/s\), read\.p99 < 5 ms \(no read has succeeded\)\. /,
  );
  t.match(readFileSync(command.run.reportMarkdown, 'utf8'), /^## ❌ gated: threshold missed$/m);
  t.match(readFileSync(command.run.reportHtml, 'utf8'), 'no read has succeeded');
});

await t.test('one that holds them passes, against a run from before that its report names', async (t) => {
  const directory = t.testdir({ runs: {}, later: {} });
  const runs = join(directory, 'runs');
  const first = start(t, runs, []);
  t.equal(await first.exitCode(), 0, first.stderr);
  const { id } = first.run;
  const held = ['--threshold', 'throughput>=0.001*baseline', '--baseline', runs];
  const command = start(t, join(directory, 'later'), [...held, '--seed', '5']);
  t.equal(await command.exitCode(), 0, command.stderr);
  t.match(
    command.stdout,
    /^✓ 'throughput>=0\.001\*baseline' throughput=[\d,]+ops\/s baseline=[\d,]+ops\/s$/m,
  );
  t.match(command.stdout, new RegExp(`^baseline: run ${id}, `, 'm'));
  t.match(command.report.verdict, { passed: true, baseline: { runId: id } });
  t.match(readFileSync(command.run.reportMarkdown, 'utf8'), `Held against run ${id}, `);
});

await t.test('what cannot be asked for is refused before anything is made', async (t) => {
  const out = t.testdir();
  const threshold = ['--threshold', 'throughput>=baseline'];
  for (const [args, says] of [
    [['--threshold', 'errors<1'], /^--threshold 'errors<1': column 9: a share is a number from 0 to 100/],
    [[...threshold, '--baseline', out], /^--baseline .*: there is no run in it; give a run/],
  ] as const) {
    const command = start(t, out, args);
    t.equal(await command.exitCode(), 2);
    t.match(command.stderr, says);
    t.same(readdirSync(out), []);
  }
});
