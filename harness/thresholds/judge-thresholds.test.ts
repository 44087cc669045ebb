import t from 'tap';
import { type Report, type ReportInput, reportSchema } from '../history/report-schema.ts';
import { judgeThresholds } from './judge-thresholds.ts';
import { parseThreshold } from './threshold.ts';

function reportOf(input: Partial<ReportInput>): Report {
  return reportSchema.parse({
    schema: 'stampede.report/1',
    identity: { runId: 'run', toolVersion: '0', command: '', startedAt: '' },
    ...input,
  });
}

function judged(text: string, report: Report, baseline: Report | null = null) {
  const parsed = parseThreshold(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.advice}`);
  const [result] = judgeThresholds([parsed.threshold], report, baseline);
  if (result === undefined) throw new Error('there is one for each');
  return result;
}

function faults(...gaps: readonly (number | null)[]): Report {
  return reportOf({ recoveries: gaps.map((writeGapMs) => ({ fault: 'leader killed', writeGapMs })) });
}

const LOADED = reportOf({
  phases: [
    { name: 'warmup', startMs: 0, endMs: 1000 },
    { name: 'measure', startMs: 1000, endMs: 5000 },
    { name: 'final', startMs: 5000, endMs: 6000 },
  ],
  totals: [
    { op: 'all', phase: 'all', count: 200, ok: 196, failed: 3, unknown: 1, opsPerSecond: 49 },
    { op: 'setData', phase: 'warmup', count: 9, ok: 9, responseTime: { p99Us: 99_000 } },
    { op: 'setData', phase: 'all', count: 100, ok: 100, responseTime: { p50Us: 800, p99Us: 20_000 } },
    { op: 'getData', phase: 'all', count: 100, ok: 0, responseTime: null },
  ],
});

await t.test(
  'latencies are those of the phases of load, and a bound may be met exactly or not',
  async (t) => {
    t.same(judged('write.p99<20ms', LOADED), {
      expression: 'write.p99<20ms',
      name: 'write.p99',
      unit: 'ms',
      actual: 20,
      baseline: null,
      passed: false,
      note: null,
    });
    t.equal(judged('write.p99<=20ms', LOADED).passed, true);
    t.equal(judged('write.p99>=20ms', LOADED).passed, true);
    t.equal(judged('write.p99>20ms', LOADED).passed, false);
    t.match(judged('write.p50<1ms', LOADED), { actual: 0.8, passed: true });
  },
);

await t.test('throughput and errors are those of all operations', async (t) => {
  t.match(judged('throughput>=50', LOADED), { actual: 49, unit: 'ops/s', passed: false });
  t.match(judged('errors<=2%', LOADED), { actual: 2, passed: true });
  t.match(judged('errors<2%', LOADED), { passed: false });
});

await t.test('the longest write gap is that of the worst fault', async (t) => {
  t.match(judged('write.gap<1s', faults(20, 900, 40)), { actual: 900, passed: true });
  t.match(judged('write.gap<1s', faults(20, 1000)), { actual: 1000, passed: false });
  t.match(judged('write.gap<1s', faults(20, null)), {
    actual: null,
    passed: null,
    note: 'after a fault no write was acknowledged any more',
  });
});

await t.test('availability is what probes of reads and writes at the ensemble have seen', async (t) => {
  const row = { intervalMs: 20, binMs: 100, probeClass: 'read', serverId: null };
  const probed = reportOf({
    availability: {
      fromMs: 0,
      toMs: 1000,
      deadlineMs: 1000,
      prober: {},
      rows: [
        { ...row, intended: 300, ok: 300 },
        { ...row, probeClass: 'write', intended: 100, ok: 98 },
        { ...row, probeClass: 'session', intended: 10, ok: 0 },
        { ...row, serverId: 1, intended: 100, ok: 0 },
      ],
    },
  });
  t.match(judged('availability>=99.5%', probed), { actual: 99.5, unit: '%', passed: true });
});

await t.test('without probes it is what became of the load, in the phases of load', async (t) => {
  const shares = [0.1, 1, 1, null, 0.4, 0.1];
  const points = shares.map((availability, i) => ({ tMs: 1000 * i, ok: {}, availability }));
  const timeline = { intervalMs: 1000, points };
  const open = { ...LOADED, timeline, workload: { name: 'w', loop: 'open' as const } };
  t.match(judged('availability>99%', reportOf(open)), { actual: 80 }, 'nothing was meant to start then');
  const closed = { ...open, workload: { name: 'w', loop: 'closed' as const } };
  t.match(judged('availability>99%', reportOf(closed)), { actual: 60 }, 'everybody waited for answers');
});

await t.test('a baseline has the same figure, so many times of which must be held', async (t) => {
  const before = reportOf({
    totals: [{ op: 'all', phase: 'all', count: 1, ok: 1, opsPerSecond: 50 }],
  });
  t.match(judged('throughput>=0.9*baseline', LOADED, before), { actual: 49, baseline: 50, passed: true });
  t.match(judged('throughput>=baseline', LOADED, before), { baseline: 50, passed: false });
  t.match(judged('write.p99<1.2*baseline', LOADED, before), {
    actual: 20,
    baseline: null,
    passed: null,
    note: 'of the baseline: no write has succeeded',
  });
});

await t.test('what there is nothing to measure on is not passed, and says why', async (t) => {
  for (const [text, note] of [
    ['read.p99<5ms', 'no read has succeeded'],
    ['create.p99<5ms', 'no create has succeeded'],
    ['write.gap<1s', 'nothing was done to the servers'],
    ['availability>=99%', 'there were neither probes nor a load'],
  ] as const) {
    t.match(judged(text, LOADED), { actual: null, passed: null, note }, text);
  }
  for (const text of ['throughput>=0', 'errors<1%']) {
    t.match(judged(text, reportOf({})), { actual: null, passed: null, note: 'nothing was asked for' }, text);
  }
});
