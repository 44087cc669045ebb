import t from 'tap';
import { formatReport, parseReport } from '../history/report-parse.ts';
import type { Report, ReportInput } from '../history/report-schema.ts';
import { courseOf } from './course.ts';
import { exclusionOf } from './exclusion.ts';
import { measuresFor } from './measures.ts';

const INPUT: ReportInput = {
  schema: 'stampede.report/1',
  identity: {
    runId: 'r',
    toolVersion: '0',
    command: 'bench',
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1,
  },
  totals: [
    {
      op: 'all',
      phase: 'all',
      count: 9,
      ok: 9,
      opsPerSecond: 7,
      responseTime: { p50Us: 9, p99Us: 9, p999Us: 9 },
    },
    {
      op: 'all',
      phase: 'measure',
      count: 9,
      ok: 9,
      opsPerSecond: 1234,
      responseTime: { p50Us: 1000, p99Us: 2500, p999Us: 9000 },
    },
  ],
  timeline: {
    intervalMs: 100,
    points: Array.from({ length: 40 }, (_, index) => ({
      tMs: index * 100,
      ok: { setData: index, getData: 1 },
    })),
  },
  recoveries: [
    {
      fault: 'leader killed',
      killedAtMs: 2000,
      electedAtMs: 2110,
      firstSuccessAtMs: 2130,
      steadyAtMs: 2200,
      writeGapMs: 150,
    },
  ],
  recovery: {
    limits: { successShareMin: 1, p99FactorMax: 2, windowMs: 1000 },
    faults: [
      {
        fault: 'leader killed',
        activeAtMs: 2000,
        untilMs: 4000,
        detectedAtMs: 1990,
        electedAtMs: 2300,
        steadyAtMs: 2500,
        resolutionMs: 40,
        lagMaxMs: 3,
        series: [
          { probeClass: 'read', serverId: null, intervalMs: 40, lostAvailabilitySeconds: 9 },
          { probeClass: 'write', serverId: 1, intervalMs: 40, lostAvailabilitySeconds: 8 },
          { probeClass: 'write', serverId: null, intervalMs: 40, lostAvailabilitySeconds: 0.2 },
        ],
      },
    ],
  },
  verdict: { passed: true, exitCode: 0, sentence: 'All is well.' },
};

function reportOf(input: ReportInput): Report {
  return parseReport(formatReport(input));
}

await t.test(
  'a round has its figures from when nothing was wrong, and from when the fault took effect',
  async (t) => {
    const measures = measuresFor({ hasFault: true, isOpenLoop: false });
    const report = reportOf(INPUT);
    t.same(Object.fromEntries(measures.map((measure) => [measure.name, measure.of(report)])), {
      'write-gap': 150,
      t_detect: 0,
      t_elect: 110,
      t_first: 130,
      t_steady: 500,
      'lost-availability': 0.2,
      throughput: 1234,
      p50: 1,
      p99: 2.5,
      'p99.9': 9,
    });
  },
);

await t.test('what a round did not come to is null', async (t) => {
  const { recoveries: _, recovery: __, totals: ___, ...nothing } = INPUT;
  const report = reportOf(nothing);
  for (const measure of measuresFor({ hasFault: true, isOpenLoop: false })) t.equal(measure.of(report), null);
});

const names = (run: Parameters<typeof measuresFor>[0]) => measuresFor(run).map(({ name }) => name);

await t.test('what was asked for is no measure', async (t) => {
  t.same(names({ hasFault: false, isOpenLoop: true }), ['p50', 'p99', 'p99.9']);
  t.same(names({ hasFault: false, isOpenLoop: false })[0], 'throughput');
});

await t.test('the course of a round is laid about its fault', async (t) => {
  const course = courseOf(reportOf(INPUT));
  t.match(course, { intervalMs: 100, fromMs: -1000 });
  t.equal(course?.opsPerSecond.length, 30);
  t.equal(course?.opsPerSecond[0], 110);
  t.equal(courseOf(reportOf({ ...INPUT, recoveries: [] })), null);
});

const end = (input: ReportInput, exitCode: number | null = 0) =>
  exclusionOf({ exitCode, report: reportOf(input), errors: '' });

await t.test('a round that says nothing of its servers is left out, and why', async (t) => {
  t.equal(end(INPUT), null);
  t.equal(end(INPUT, 102), 'All is well.');
  t.match(
    exclusionOf({ exitCode: 3, report: null, errors: 'noise\nport in use\n' }),
    /exit code 3\): port in use/,
  );
  const [fault] = INPUT.recovery?.faults ?? [];
  t.ok(fault);
  const late = { ...INPUT.recovery, faults: [{ ...fault, lagMaxMs: 90, limited: true }] };
  t.match(end({ ...INPUT, recovery: late } as ReportInput), /the prober was 90 ms late/);
});
