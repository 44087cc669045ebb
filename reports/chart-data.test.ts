import t from 'tap';
import { formatReport, parseReport } from '../harness/history/report-parse.ts';
import type { Report, ReportInput } from '../harness/history/report-schema.ts';
import { chartData, coarserTimeline } from './chart-data.ts';
import { quantileUs, totalsOf } from './latency.ts';
import { partialInput, sampleReport } from './testdata/sample-report.ts';
import { sampleAt, throughputSamples } from './throughput-samples.ts';

type PointInput = NonNullable<NonNullable<ReportInput['timeline']>['points']>[number];

function reportOf(points: PointInput[], rest: Partial<ReportInput> = {}): Report {
  return parseReport(
    formatReport({ ...partialInput(), phases: [], timeline: { intervalMs: 100, points }, ...rest }),
  );
}

await t.test('a coarser timeline keeps every op and hides no peak', async (t) => {
  const points = Array.from({ length: 7 }, (_, index) => ({
    tMs: index * 100,
    ok: { create: index, [index % 2 === 0 ? 'even' : 'odd']: 1 },
    errors: 1,
    p50Us: index + 1,
    p99Us: index === 4 ? 9000 : 10,
    availability: index === 0 ? 0 : 1,
  }));
  const { points: merged, intervalMs } = coarserTimeline(reportOf(points), 3);
  t.equal(intervalMs, 300);
  t.same(
    merged.map((point) => point.tMs),
    [0, 300, 600],
  );
  t.same(merged[0]?.ok, { create: 3, even: 2, odd: 1 });
  t.equal(merged[1]?.p99Us, 9000);
  t.equal(merged[1]?.p50Us, 5);
  t.equal(merged[2]?.errors, 1);
  t.equal(merged[0]?.availability?.toFixed(3), '0.667');
});

await t.test('throughput is per second, whatever the interval', async (t) => {
  const { throughput } = chartData(reportOf([{ tMs: 0, ok: { create: 12, getData: 3 } }]));
  t.same(
    throughput.map(({ label, values }) => [label, ...values]),
    [
      ['all ops', 150],
      ['create', 120],
      ['getData', 30],
    ],
  );
});

await t.test('errors are drawn where there are some', async (t) => {
  const points = [0, 0, 0, 4, 0, 0].map((errors, index) => ({ tMs: index * 100, ok: { create: 1 }, errors }));
  const line = chartData(reportOf(points)).throughput.find(({ label }) => label === 'errors');
  t.same(line?.values, [null, null, 0, 40, 0, null]);
});

await t.test('a latency of nothing is a gap and not the bottom of a logarithmic axis', async (t) => {
  const { latency } = chartData(
    reportOf([
      { tMs: 0, ok: {}, p99Us: 0 },
      { tMs: 100, ok: {}, p99Us: 2500 },
    ]),
  );
  t.same(
    latency.map(({ label, values }) => [label, ...values]),
    [['p99', null, 2.5]],
  );
});

await t.test('events are numbered by time, and what lasts is a band', async (t) => {
  const { marks, bands } = chartData(
    reportOf([], {
      events: [
        { tMs: 9000, endMs: 9500, kind: 'slow-disk', label: 'slow' },
        { tMs: 2000, kind: 'restart', label: 'back' },
        { tMs: 1000, kind: 'kill', label: 'dead' },
      ],
    }),
  );
  t.same(
    marks.map((mark) => [mark.number, mark.atS, mark.isFault]),
    [
      [1, 1, true],
      [2, 2, false],
      [3, 9, true],
    ],
  );
  t.same(bands, [{ fromS: 9, toS: 9.5, label: 'slow-disk', tone: 'fault' }]);
});

await t.test('a phase that was interrupted lasts to the end of the run', async (t) => {
  const { bands } = chartData(
    reportOf([{ tMs: 3900, ok: {} }], { phases: [{ name: 'crash', startMs: 3000, endMs: null }] }),
  );
  t.same(bands, [{ fromS: 3, toS: 4, label: 'crash', tone: 'fault' }]);
});

await t.test('the percentile curve passes through the figures of the summary', async (t) => {
  const report = sampleReport();
  const { odds, series } = chartData(report).percentiles;
  const p99 = totalsOf(report, { op: 'setData', phase: 'all' })?.responseTime?.p99Us ?? 0;
  const at = odds.findIndex((value) => Math.abs(value - 100) < 0.01);
  const drawn = series.find(({ label }) => label === 'setData')?.values[at] ?? 0;
  t.ok(Math.abs(drawn * 1000 - p99) <= p99 * 0.002, `${drawn} ms drawn for ${p99} us`);
});

await t.test('a percentile the summary lacks comes from its histogram', async (t) => {
  const latency = totalsOf(sampleReport(), { op: 'create', phase: 'all' })?.responseTime ?? null;
  if (latency === null) throw new Error('the sample has it');
  const fromHistogram = quantileUs({ ...latency, p99Us: null }, 99) ?? 0;
  t.ok(Math.abs(fromHistogram - (latency.p99Us ?? 0)) <= fromHistogram * 0.002);
  t.equal(quantileUs({ ...latency, p99Us: null, hdrV2: null }, 99), null);
  t.equal(quantileUs({ ...latency, p99Us: null, hdrV2: 'HISTFAAA' }, 99), null, 'nor from a broken one');
});

await t.test('throughput samples are whole seconds under load', async (t) => {
  const points = Array.from({ length: 45 }, (_, index) => ({
    tMs: index * 100,
    ok: { create: index < 10 ? 1000 : 10 },
  }));
  const samples = throughputSamples(
    reportOf(points, {
      phases: [
        { name: 'warmup', startMs: 0, endMs: 1000 },
        { name: 'measure', startMs: 1000, endMs: null },
      ],
    }),
    null,
  );
  t.same(samples, { sampleMs: 1000, sorted: [100, 100, 100] });
  t.equal(throughputSamples(reportOf(points.slice(0, 9)), null), null, 'less than one second is no sample');
});

await t.test('percentiles of samples are nearest ranks', async (t) => {
  const sorted = Array.from({ length: 200 }, (_, index) => index + 1);
  t.same(
    [0, 1, 2.5, 50, 100].map((percentile) => sampleAt(sorted, percentile)),
    [1, 2, 5, 100, 200],
  );
  t.equal(sampleAt([], 50), null);
});
