import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { sweepSchema } from '../history/saturation-schema.ts';
import { WorkloadError } from '../load/workload.ts';
import { findWorkload } from '../../workloads/index.ts';
import { UsageError } from './exit-code.ts';
import { runSweep, type SweepOptions } from './sweep.ts';
import { BenchRun } from './testing/bench-run.ts';
import { askedOf, scriptedBench } from './testing/scripted-bench.ts';

function sweep(t: Test, asked: string, outcome: string): SweepOptions {
  const directory = t.testdir({ runs: {} });
  return {
    workload: findWorkload('write-heavy'),
    target: 'ours',
    seed: 7,
    sweep: asked,
    words: ['--rounds', '0'],
    runsDirectory: join(directory, 'runs'),
    command: ['bench', '--sweep', asked],
    main: scriptedBench(directory, outcome),
    print: () => {},
  };
}

await t.test('each value has a run, a row and a point, and the worst of them is the exit code', async (t) => {
  const options = sweep(
    t,
    'connections=1, 10,100',
    `({ settings }) => ({
      exitCode: { 1: 0, 10: 99, 100: 102 }[settings.connections],
      opsPerSecond: 500 * settings.connections,
    })`,
  );
  t.equal(await runSweep(options), 102);
  t.same(
    askedOf(options.main).map(({ settings }) => settings),
    [{ connections: '1' }, { connections: '10' }, { connections: '100' }],
  );
  const [name = ''] = readdirSync(options.runsDirectory);
  const directory = join(options.runsDirectory, name);
  const written = sweepSchema.parse(JSON.parse(readFileSync(join(directory, 'sweep.json'), 'utf8')));
  t.match(written, {
    setting: 'connections',
    values: ['1', '10', '100'],
    exitCode: 102,
    sentence: '3 runs; the highest throughput is 50,000 ops/s, with connections 100; 2 did not pass.',
    rows: [
      { value: '1', exitCode: 0, opsPerSecond: 500, p50Us: 500, p99Us: 1_000 },
      { value: '10', exitCode: 99 },
      { value: '100', exitCode: 102 },
    ],
  });
  t.match(
    readFileSync(join(directory, 'sweep.md'), 'utf8'),
    '| 10 | 5,000 | 0.500 | 1.00 | threshold missed |',
  );
});

await t.test('a sweep that cannot be is refused before anything is made', async (t) => {
  for (const [asked, says] of [
    ['connections', /^--sweep connections: give a setting .* as in connections=1,10,100/],
    ['connections=5', /at least two values/],
    ['connections=5,,6', /at least two values/],
  ] as const) {
    const options = sweep(t, asked, '() => ({ exitCode: 0 })');
    await t.rejects(runSweep(options), { name: UsageError.name, message: says });
    t.same(readdirSync(options.runsDirectory), []);
  }
  const options = sweep(t, 'depth=1,many', '() => ({ exitCode: 0 })');
  await t.rejects(runSweep(options), {
    name: WorkloadError.prototype.name,
    message: /depth: .*expected number/,
  });
  t.same(readdirSync(options.runsDirectory), []);
});

await t.test('the runs are those that a user would make one by one', async (t) => {
  const out = t.testdir();
  const load = ['--target', 'null', '--duration', '0.3', '--warmup', '0'];
  const command = new BenchRun(out, [...load, '--sweep', 'depth=1,4', '--threshold', 'errors<=0%']);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), 0, command.stderr + command.stdout);
  const [name = ''] = readdirSync(out);
  const written = sweepSchema.parse(JSON.parse(readFileSync(join(out, name, 'sweep.json'), 'utf8')));
  t.match(written, {
    target: 'null',
    workload: { connections: 4, keys: 200 },
    rows: [{ value: '1' }, { value: '4' }],
  });
  t.ok(written.rows.every(({ opsPerSecond, p50Us }) => Number(opsPerSecond) > 0 && Number(p50Us) > 0));
});
