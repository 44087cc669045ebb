import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseReport } from '../history/report-parse.ts';
import { runDirectoryAt } from '../history/run-directory.ts';
import { ExitCode } from './exit-code.ts';
import { besideFrom, httpWorkloadWith } from './http-bench.ts';
import { BenchRun } from './testing/bench-run.ts';
import { CommandRun } from './testing/command-run.ts';

await t.test('flags say how long, how many and how fast; what has no meaning is refused', async (t) => {
  t.match(httpWorkloadWith('http-admin', { duration: 3, warmup: 0, connections: 4, rate: 50 }), {
    name: 'http-admin',
    durationS: 3,
    warmupS: 0,
    connections: 4,
    rate: 50,
  });
  t.throws(() => httpWorkloadWith('http-admin', { depth: 3 }), { name: 'UsageError', message: /--depth: / });
  t.throws(() => httpWorkloadWith('http-admin', { fault: 'kill-any' }), { message: /--fault: .*--beside/ });
  t.throws(() => httpWorkloadWith('http-admin', { rounds: 2 }), { message: /--rounds 2/ });
  t.equal(besideFrom(undefined), null);
  t.match(besideFrom('http-metrics@100'), { name: 'http-metrics', rate: 100 });
  t.throws(() => besideFrom('http-metrics@fast'), { name: 'UsageError', message: /requests a second/ });
  t.throws(() => besideFrom('mixed'), {
    name: 'UsageError',
    message: /http-admin, http-metrics, http-znodes/,
  });
});

await t.test('the AdminServers are asked, all of them, and that is the run', async (t) => {
  const out = t.testdir({});
  const quick = ['--duration', '0.5', '--warmup', '0.1', '--connections', '4'];
  const command = new CommandRun([
    'bench',
    '--workload',
    'http-admin',
    '--servers',
    '2',
    ...quick,
    '--out',
    out,
  ]);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), ExitCode.passed, command.stdout + command.stderr);
  t.match(command.stdout, /PASSED {2}Nothing to verify: of requests by HTTP there is no history\./);
});

await t.test('beside a load it is told of for itself, and the load’s figures stay its own', async (t) => {
  const out = t.testdir({});
  const run = new BenchRun(out, [
    '--servers=1',
    '--rounds=0',
    '--duration=1',
    '--seed=3',
    '--beside=http-metrics@40',
  ]);
  t.teardown(() => run.kill());
  t.equal(await run.exitCode(), ExitCode.passed, run.stdout + run.stderr);
  const { http, totals, verification } = run.report;
  t.match(http, { name: 'http-metrics', paths: ['/metrics'], ratePerSecond: 40 });
  const asked = http?.totals.find(({ op, phase }) => op === 'all' && phase === 'all');
  t.ok((asked?.ok ?? 0) > 0 && (asked?.ok ?? 0) < 400, `${asked?.ok} answers`);
  t.equal(asked?.failed, 0);
  t.ok((asked?.responseTime?.p99Us ?? 0) > 0);
  t.ok((http?.autocannon.answered2xx ?? 0) >= (asked?.ok ?? 0), 'autocannon has counted them as well');
  t.notOk(totals.some(({ op }) => op === 'request'));
  t.equal(verification?.verdict, 'valid');
  t.match(run.stdout, /Beside it .*Requests\/s/);
});

await t.test('znodes are asked for by REST, and are there to be asked for', async (t) => {
  const out = t.testdir({});
  const quick = ['--servers', '2', '--duration', '2', '--warmup', '0', '--connections', '4'];
  const command = new CommandRun(['bench', '--workload', 'http-znodes', ...quick, '--out', out]);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), ExitCode.passed, command.stdout + command.stderr);
  const { reportJson } = runDirectoryAt(join(out, readdirSync(out)[0] ?? ''));
  const { http } = parseReport(readFileSync(reportJson, 'utf8'));
  const asked = http?.totals.find(({ op, phase }) => op === 'all' && phase === 'all');
  t.ok((asked?.ok ?? 0) > 0);
  t.equal(asked?.failed, 0, JSON.stringify(asked?.errors));
  t.match(http?.paths.at(-1), 'PUT /znodes/v1/stampede-http-znodes');
});
