import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type RunDirectory, runDirectoryAt, writeRunFile } from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import { type Baseline, findBaseline, type RunKind } from './baseline.ts';
import { UsageError } from './exit-code.ts';

const KIND: RunKind = {
  command: ['bench', '--rate', '500'],
  workload: 'write-heavy',
  config: { workload: { name: 'write-heavy', rate: 500, thresholds: [] }, target: 'ours', probes: undefined },
};

interface Stored {
  /** It begins with when it was made, as those of real runs do. */
  readonly id: string;
  readonly kind?: Partial<RunKind>;
  readonly how?: NonNullable<RunFile['finished']>['how'];
  readonly passed?: boolean;
}

function store(parent: string, { id, kind = {}, how = 'completed', passed = true }: Stored): RunDirectory {
  const run = runDirectoryAt(join(parent, id));
  mkdirSync(run.path);
  const git = { revision: 'abc', isDirty: false };
  const cpu = { model: '', logical: 1 };
  const environment = { node: '', platform: '', arch: '', kernel: '', memoryBytes: 1, disk: null, git, cpu };
  writeRunFile(run, {
    schema: 'stampede.run/1',
    toolVersion: '0',
    ...KIND,
    ...kind,
    command: [...(kind.command ?? KIND.command)],
    seed: 1,
    environment,
    started: { wall: '', monotonicNs: '0' },
    finished: { wall: '', elapsedNs: 1, how },
  });
  const report = {
    schema: 'stampede.report/1',
    identity: { runId: id, toolVersion: '0', command: '', startedAt: '2026-03-01T12:00:00Z' },
    environment,
    verdict: { passed, exitCode: passed ? 0 : 100, sentence: 'A sentence.' },
  };
  writeFileSync(run.reportJson, JSON.stringify(report));
  return run;
}

function found(directory: string): Baseline {
  return findBaseline(directory, KIND);
}

function refusal(t: Test, directory: string): string {
  try {
    const { identity } = found(directory);
    t.fail(`${identity.runId} was taken`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
  return '';
}

await t.test('a run directory is the baseline, and named by id, start and commit', async (t) => {
  const run = store(t.testdir(), { id: '1' });
  t.same(found(run.path).identity, { runId: '1', startedAt: '2026-03-01T12:00:00Z', revision: 'abc' });
  t.equal(found(run.path).report.identity.runId, '1');
});

await t.test('of several runs it is the last that was alike, came to its end and passed', async (t) => {
  const runs = t.testdir();
  store(runs, { id: '1' });
  store(runs, { id: '2', kind: { command: ['bench', '--seed', '7'] } });
  store(runs, { id: '3', passed: false });
  store(runs, { id: '4', how: 'interrupted' });
  store(runs, { id: '5', kind: { workload: 'mixed' } });
  mkdirSync(join(runs, '6-is-no-run'));
  t.equal(found(runs).identity.runId, '2');
});

await t.test('thresholds and words about it do not make a run another one', async (t) => {
  const workload = { name: 'write-heavy', rate: 500, doc: 'Words.', thresholds: ['errors<1%'] };
  const run = store(t.testdir(), { id: '1', kind: { config: { workload, target: 'ours' } } });
  t.equal(found(run.path).identity.runId, '1');
});

await t.test('one of another kind is refused, with what is different', async (t) => {
  const refusalOf = (kind: Partial<RunKind>): string =>
    refusal(t, store(t.testdir(), { id: '1', kind }).path);
  const { config } = KIND;
  t.match(
    refusalOf({ config: { ...config, workload: { name: 'write-heavy', rate: 900 } } }),
    /^--baseline .*: 1, is another kind of run: workload\.rate was 900 there, and is 500 here; give a run that/,
  );
  t.match(refusalOf({ config: { ...config, target: 'apache' } }), /target was "apache" there, and is "ours"/);
  t.match(
    refusalOf({ config: { ...config, fault: 'kill-any' } }),
    /fault was "kill-any" there, and is not given here/,
  );
  t.match(refusalOf({ command: ['migrate'] }), /command was "migrate" there, and is "bench" here/);
});

await t.test('one that did not pass, or not end, or cannot be read is refused', async (t) => {
  t.match(
    refusal(t, store(t.testdir(), { id: '1', passed: false }).path),
    /1, did not pass \(A sentence\.\)/,
  );
  t.match(refusal(t, store(t.testdir(), { id: '1', how: 'interrupted' }).path), /1, did not come to its end/);
  const broken = store(t.testdir(), { id: '1' });
  writeFileSync(broken.reportJson, readFileSync(broken.reportJson).subarray(0, 20));
  t.match(refusal(t, broken.path), /1, cannot be read \(not JSON/);
});

await t.test('of several that will not do the last says why', async (t) => {
  const runs = t.testdir();
  store(runs, { id: '1', how: 'interrupted' });
  store(runs, { id: '2', passed: false });
  t.match(refusal(t, runs), /of its 2 runs none will do; the last, 2, did not pass/);
});

await t.test('a directory without a run, and none at all, are refused', async (t) => {
  const runs = t.testdir();
  t.match(refusal(t, runs), /there is no run in it; give a run/);
  t.match(refusal(t, join(runs, 'nowhere')), /nowhere: it cannot be read; give a run directory, or one of/);
});
