import t from 'tap';
import type { ComparisonRound } from '../history/comparison-schema.ts';
import { formatReport, parseReport } from '../history/report-parse.ts';
import type { Report, ReportInput } from '../history/report-schema.ts';
import { courseOf } from './course.ts';
import { measuresFor } from './measures.ts';
import { leaveOutLate } from './leave-out-late.ts';
import { isEmpty, readRound } from './read-round.ts';

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
      'lost-availability': 200,
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

const measures = measuresFor({ hasFault: true, isOpenLoop: false });

const read = (input: ReportInput, exitCode: number | null = 0) =>
  readRound({ exitCode, report: reportOf(input), errors: '' }, measures);

await t.test('a round that says nothing of its servers is left out, and why', async (t) => {
  t.match(read(INPUT), { excluded: null, doubts: {}, values: { 'write-gap': 150 } });
  t.match(read(INPUT, 101), { excluded: 'All is well.', values: { 'write-gap': null }, course: null });
  const end = { exitCode: 3, report: null, errors: 'noise\nport in use\n' };
  t.match(readRound(end, measures), { excluded: /exit code 3\): port in use/ });
  t.ok(isEmpty(readRound(end, measures)));
});

await t.test('rates and latencies of a generator that could not keep up are its own', async (t) => {
  const generator = { generators: 1, scheduleLagP99Ms: 14, limited: true, reasons: ['it was late'] };
  const limited = read({ ...INPUT, generator }, 102);
  t.equal(limited.excluded, null);
  t.same(limited.doubts, {
    throughput: 'it was late',
    p50: 'it was late',
    p99: 'it was late',
    'p99.9': 'it was late',
  });
  t.equal(limited.values['write-gap'], 150);
  t.equal(limited.values['p99'], null);
  t.match(limited.lateMs, { 'write-gap': 14, t_detect: 3 });
});

function roundOf(arm: number, gapMs: number | null, lateMs: number): ComparisonRound {
  return { ...ROUND, arm, values: { 'write-gap': gapMs }, lateMs: { 'write-gap': lateMs } };
}

const ROUND = {
  number: 1,
  seed: 1,
  runDirectory: null,
  exitCode: 0,
  excluded: null,
  doubts: {},
  course: null,
};

await t.test('what came late is left out by one limit for all, whatever its own value', async (t) => {
  const rounds = [
    roundOf(0, 90, 9),
    roundOf(0, 100, 11),
    roundOf(0, 110, 10),
    roundOf(1, 5000, 11),
    roundOf(1, 5000, 10),
    roundOf(1, null, 99),
  ];
  const left = leaveOutLate(rounds, [{ name: 'write-gap', resolution: 2 }]);
  t.same(
    left.map(({ values }) => values['write-gap']),
    [90, null, 110, null, 5000, null],
  );
  t.same(left[1]?.doubts, { 'write-gap': 'its instrument came up to 11 ms late' });
  t.same(left[5]?.doubts, {}, 'what was not measured is not left out');
  const coarse = leaveOutLate(rounds, [{ name: 'write-gap', resolution: 11 }]);
  t.same(coarse, rounds, 'nobody can be later than what it is exact to');
});
