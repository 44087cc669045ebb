import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HistogramLogReader } from 'hdr-histogram-js';
import t from 'tap';
import { judgeHistory } from '../checkers/judge.ts';
import { createEmbedded } from '../ensemble/embedded.ts';
import { createNull } from '../ensemble/null.ts';
import { readHistory } from '../history/history-reader.ts';
import { OpKind, Phase } from '../history/op.ts';
import { createRunDirectory, historyFiles } from '../history/run-directory.ts';
import type { RunDirectory } from '../history/run-directory.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { runLoad } from './run-load.ts';
import type { LoadProgress, LoadResult } from './run-load.ts';
import { parseWorkload } from './workload.ts';
import type { Workload, WorkloadInput } from './workload.ts';

function workloadWith(change: Partial<WorkloadInput>): Workload {
  return parseWorkload(
    {
      name: 'test',
      mix: { read: 1, write: 1 },
      keys: { count: 200 },
      valueSize: 100,
      connections: 4,
      depth: 8,
      durationS: 0.5,
      warmupS: 0.1,
      ...change,
    },
    'test',
  );
}

function newRun(parent: string): RunDirectory {
  return createRunDirectory({ parent, workload: 'test', now: new Date() });
}

function totalOf(result: LoadResult, phase: string, op: string) {
  const total = result.totals.find((candidate) => candidate.phase === phase && candidate.op === op);
  if (total === undefined) throw new Error(`no total of ${op} in ${phase}`);
  return total;
}

await t.test('a system that stops answering before the tree is full is given up', async (t) => {
  const directory = t.testdir({});
  const ensemble = await createNull({ directory: join(directory, 'null'), flushes: false });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  let isStopped: Promise<void> | null = null;
  const loading = runLoad({
    workload: workloadWith({ keys: { count: 2_000_000 } }),
    connectString: ensemble.connectString,
    seed: 3,
    sliceMs: 100,
    fillStallMs: 5000,
    onProgress: () => {
      isStopped ??= ensemble.stop();
    },
  });
  await t.rejects(loading, { name: 'EnsembleError', message: /has answered nothing for 5 s/ });
  t.not(isStopped, null);
});

await t.test(
  'two generators fill, load and read back, and everything they did is counted alike',
  async (t) => {
    const directory = t.testdir({});
    const ensemble = await createNull({ directory: join(directory, 'null'), flushes: true });
    await ensemble.start();
    t.teardown(() => ensemble.stop());
    const run = newRun(directory);
    const progress: LoadProgress[] = [];
    const result = await runLoad({
      workload: workloadWith({ connections: 5 }),
      connectString: ensemble.connectString,
      seed: 3,
      generators: 2,
      run,
      sliceMs: 100,
      onProgress: (second) => progress.push(second),
    });

    t.same(
      result.phases.map(({ name }) => name),
      ['warmup', 'measure', 'final'],
    );
    const all = totalOf(result, 'measure', 'all');
    t.equal(all.ok, totalOf(result, 'measure', 'getData').ok + totalOf(result, 'measure', 'setData').ok);
    t.ok(all.ok > 100 && all.failed === 0 && all.unknown === 0);
    t.match(all.responseTime, { hdrUnit: 'ns', p50Us: Number, p999Us: Number });
    t.equal(all.serviceTime, null, 'in a closed loop they are one');
    t.equal(result.isFinalReadComplete, true);
    t.equal(result.generator.generators, 2);

    const history = readHistory(historyFiles(run));
    t.same(history.cuts, []);
    t.equal(history.size, result.historyOps);
    const counted = { prepare: 0, warmup: 0, measure: 0, final: 0 };
    for (const phase of history.phase) {
      if (phase === Phase.prepare) counted.prepare++;
      else if (phase === Phase.warmup) counted.warmup++;
      else if (phase === Phase.measure) counted.measure++;
      else counted.final++;
    }
    t.same(counted, {
      prepare: 201,
      warmup: totalOf(result, 'warmup', 'all').count,
      measure: all.count,
      // Every key, the list of children, and one sync for each connection.
      final: 200 + 1 + 5,
    });
    t.equal(new Set(history.process).size, 5, 'a process is a session');

    const inTimeline = result.timeline.points.reduce(
      (sum, { ok }) => sum + Object.values(ok).reduce((of, count) => of + count, 0),
      0,
    );
    t.equal(inTimeline, history.size, 'nothing of the timeline is lost between two slices');
    t.equal(
      progress.reduce((sum, { opsPerSecond }) => sum + opsPerSecond, 0),
      history.size,
    );

    const reader = new HistogramLogReader(readFileSync(run.latencyLog, 'utf8'));
    let inLog = 0;
    for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram()) {
      t.match((next as { tag?: string }).tag, /^(prepare|warmup|measure|final)\.[a-zA-Z]+$/);
      inLog += (next as { totalCount: number }).totalCount;
    }
    t.equal(inLog, history.size, 'and nothing of the latency log');
  },
);

await t.test('an open loop keeps its rate and tells response from service time', async (t) => {
  const ratePerMs = 2;
  const ensemble = await createNull({ directory: t.testdir({}) });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const result = await runLoad({
    workload: workloadWith({ depth: undefined, rate: 1000 * ratePerMs, arrivals: 'constant', warmupS: 0 }),
    connectString: ensemble.connectString,
    seed: 1,
  });
  const all = totalOf(result, 'measure', 'all');
  const [measure] = result.phases;
  const endMs = Number(measure?.endMs);
  // By the schedule, however late each was started: what a busy machine did not come to before the phase is made up in it.
  t.ok(all.count >= 0.8 * ratePerMs * (endMs - Number(measure?.startMs)), `${all.count} operations`);
  t.ok(all.count <= ratePerMs * endMs, 'and no more than since the run began');
  t.ok((all.responseTime?.meanUs ?? 0) >= (all.serviceTime?.meanUs ?? Infinity));
  t.type(result.generator.scheduleLagP99Ms, 'number');
});

await t.test('a generator that was late by more than its budget is flagged', async (t) => {
  const ensemble = await createNull({ directory: t.testdir({}) });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const result = await runLoad({
    workload: workloadWith({ depth: undefined, rate: 500, durationS: 0.2, warmupS: 0 }),
    connectString: ensemble.connectString,
    seed: 1,
    // Nobody is that punctual.
    lagBudgetMs: 1e-6,
  });
  t.equal(result.generator.limited, true);
  t.match(result.generator.reasons[0], /^p99 of the schedule lag is .* lower the rate/);
});

await t.test('a load goes on through a killed server, and what it recorded is valid', async (t) => {
  const run = newRun(t.testdir({}));
  const ensemble = await createEmbedded({ directory: run.serversDirectory });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const result = await runLoad({
    workload: workloadWith({
      mix: { read: 4, write: 3, create: 1, delete: 1, exists: 1, children: 0.1, sync: 0.2 },
      connections: 6,
    }),
    connectString: `${ensemble.connectString}/below/this`,
    seed: 8,
    run,
    during: async (load) => {
      await load.enterPhase('crash');
      await ensemble.kill(1);
      await ensemble.restart(1);
      await load.enterPhase('recovery');
    },
  });
  const crash = totalOf(result, 'crash', 'all');
  t.ok((crash.errors['ConnectionLoss'] ?? 0) > 0, 'what was in flight was lost');
  t.ok(crash.unknown > 0 && crash.unknown < (crash.errors['ConnectionLoss'] ?? 0), 'of writes nobody knows');
  const changes = result.connectionChanges.map(({ change }) => change);
  const lost = changes.filter((change) => change === 'lost').length;
  t.ok(lost >= 6);
  t.equal(
    changes.filter((change) => change === 'connected').length,
    lost + 6,
    'and each was connected again',
  );
  t.notOk(changes.includes('expired'));
  t.equal(result.isFinalReadComplete, true);

  const history = readHistory(historyFiles(run));
  t.equal(new Set(history.process).size, 6, 'the sessions were attached to again');
  t.ok(history.kind.some((kind) => kind === OpKind.delete));
  t.equal(judgeHistory(history, { expectsFinalReads: true }).verdict, 'valid');
});

await t.test('a load that is interrupted reports what it has', async (t) => {
  const ensemble = await createNull({ directory: t.testdir({}) });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const interruption = new AbortController();
  let secondsMeasured = Number.NEGATIVE_INFINITY;
  const result = await runLoad({
    workload: workloadWith({ durationS: 3600, warmupS: 0 }),
    connectString: ensemble.connectString,
    seed: 1,
    signal: interruption.signal,
    onPhase: (phase) => {
      if (phase === 'measure') secondsMeasured = 0;
    },
    // The first may be of a second in which the tree was still being filled.
    onProgress: () => {
      if (++secondsMeasured === 2) interruption.abort();
    },
  });
  t.equal(result.isInterrupted, true);
  t.equal(result.isFinalReadComplete, false);
  t.ok(totalOf(result, 'measure', 'all').ok > 0);
});

await t.test('a generator dies with its parent', async (t) => {
  const ensemble = await createNull({ directory: t.testdir({}) });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const program = `
    import { runLoad } from ${JSON.stringify(new URL('./run-load.js', import.meta.url).href)};
    const workload = ${JSON.stringify(workloadWith({ durationS: 3600 }))};
    await runLoad({ workload, connectString: '${ensemble.connectString}', seed: 1,
      onPhase: (phase) => { if (phase === 'measure') console.log('measuring'); } });`;
  // The generator inherits the parent's stderr: that pipe ends when the last of them is gone, and not before.
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  parent.stderr.resume();
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await t.resolves(once(parent.stderr, 'close'), 'both are gone');
});

await t.test('a generator is nothing to start by hand', async (t) => {
  const main = new URL('./generator-main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: cleanEnvironment(),
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  t.equal(code, 2);
  t.match(said, /started by a load run/);
});
