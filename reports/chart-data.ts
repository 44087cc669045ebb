import { ALL } from '../harness/history/report-schema.ts';
import type { Report, ReportEvent, ReportPhase, TimelinePoint } from '../harness/history/report-schema.ts';
import { latencyCurve, oddsUpTo, opsOf, overallTotals, totalsByOp } from './latency.ts';

/** One line of a chart. A null value is a gap in it. */
export type ChartSeries = {
  readonly label: string;
  /** 0 to 7: the style sheet's `--series-n`; `bad`: the colour of errors. */
  readonly colour: number | 'bad';
  readonly style: 'line' | 'area' | 'dashed' | 'thin';
  readonly values: readonly (number | null)[];
};

/** A stretch of time that is shaded. */
export type ChartBand = {
  readonly fromS: number;
  readonly toS: number;
  readonly label: string;
  readonly tone: 'rest' | 'fault' | 'recovery';
};

/** A moment, drawn as a numbered line; the number is the event's in the list under the chart. */
export type ChartMark = { readonly atS: number; readonly number: number; readonly isFault: boolean };

/** What the page's script draws; the whole of its input, and sized to be embedded. */
export type ChartData = {
  /** Where each interval begins, in seconds since the run's start. */
  readonly timeS: readonly number[];
  readonly bands: readonly ChartBand[];
  readonly marks: readonly ChartMark[];
  /** Ops per second. */
  readonly throughput: readonly ChartSeries[];
  /** Milliseconds, for a logarithmic axis: never 0. */
  readonly latency: readonly ChartSeries[];
  /** Per cent. */
  readonly availability: readonly ChartSeries[];
  readonly percentiles: { readonly odds: readonly number[]; readonly series: readonly ChartSeries[] };
};

/** More points than a wide screen has pixels only make the file long. */
const POINTS_MAX = 1200;
const SERIES_COLOURS = 8;

export function chartData(report: Report): ChartData {
  const { points, intervalMs } = coarserTimeline(report, POINTS_MAX);
  const endMs = runEndMs(report);
  return {
    timeS: points.map((point) => rounded(point.tMs / 1000)),
    bands: [
      ...report.phases.flatMap((phase) => phaseBand(phase, endMs)),
      ...report.events.flatMap((event) => eventBand(event)),
    ],
    marks: eventsInOrder(report).map((event, index) => ({
      atS: rounded(event.tMs / 1000),
      number: index + 1,
      isFault: isFault(event),
    })),
    throughput: throughputSeries(opsOf(report), points, intervalMs),
    latency: latencySeries(points),
    availability: availabilitySeries(points),
    percentiles: percentileSeries(report),
  };
}

/**
 * The timeline in at most `pointsMax` points. Neighbours merge into the sum of their counts, the median of
 * their medians, and the largest of their upper percentiles: a merged p99 is an upper bound and hides no peak.
 */
export function coarserTimeline(
  report: Report,
  pointsMax: number,
): { readonly points: readonly TimelinePoint[]; readonly intervalMs: number } {
  const { timeline } = report;
  if (timeline === null) return { points: [], intervalMs: 1000 };
  const size = Math.ceil(timeline.points.length / pointsMax);
  if (size <= 1) return timeline;
  const points: TimelinePoint[] = [];
  for (let from = 0; from < timeline.points.length; from += size) {
    points.push(mergedPoint(timeline.points.slice(from, from + size)));
  }
  return { points, intervalMs: timeline.intervalMs * size };
}

/** By time, which is also how they are numbered. */
export function eventsInOrder(report: Report): readonly ReportEvent[] {
  return report.events.toSorted((a, b) => a.tMs - b.tMs);
}

/** Faults are told by their kind; a kind we do not know is a remark. */
export function isFault(event: ReportEvent): boolean {
  return /^(kill|crash|pause|stop|partition|isolate|slow|delay|drop|disk|clock|fault)/.test(event.kind);
}

function mergedPoint(points: readonly TimelinePoint[]): TimelinePoint {
  const ok: Record<string, number> = {};
  for (const point of points) {
    for (const [op, count] of Object.entries(point.ok)) ok[op] = (ok[op] ?? 0) + count;
  }
  const medians = present(points.map((point) => point.p50Us)).sort((a, b) => a - b);
  const availabilities = present(points.map((point) => point.availability));
  return {
    tMs: points[0]?.tMs ?? 0,
    ok,
    errors: points.reduce((sum, point) => sum + point.errors, 0),
    p50Us: medians[Math.floor(medians.length / 2)] ?? null,
    p99Us: largest(points.map((point) => point.p99Us)),
    p999Us: largest(points.map((point) => point.p999Us)),
    maxUs: largest(points.map((point) => point.maxUs)),
    availability:
      availabilities.length === 0
        ? null
        : availabilities.reduce((sum, value) => sum + value, 0) / availabilities.length,
  };
}

function throughputSeries(
  ops: readonly string[],
  points: readonly TimelinePoint[],
  intervalMs: number,
): readonly ChartSeries[] {
  if (points.length === 0) return [];
  // A line along zero would only hide the axis: errors are drawn where there are some, and one point around.
  const isQuiet = (index: number): boolean =>
    [index - 1, index, index + 1].every((near) => (points[near]?.errors ?? 0) === 0);
  const perSecond = (count: number): number => rounded((count * 1000) / intervalMs);
  const total: ChartSeries = {
    label: ops.length === 1 ? (ops[0] ?? ALL) : 'all ops',
    colour: 0,
    style: 'area',
    values: points.map((point) => perSecond(Object.values(point.ok).reduce((sum, count) => sum + count, 0))),
  };
  const byOp = ops.map((op, index): ChartSeries => ({
    label: op,
    colour: (index + 1) % SERIES_COLOURS,
    style: 'line',
    values: points.map((point) => perSecond(point.ok[op] ?? 0)),
  }));
  const errors: ChartSeries = {
    label: 'errors',
    colour: 'bad',
    style: 'line',
    values: points.map((point, index) => (isQuiet(index) ? null : perSecond(point.errors))),
  };
  const hasErrors = points.some((point) => point.errors > 0);
  return [total, ...(ops.length > 1 ? byOp : []), ...(hasErrors ? [errors] : [])];
}

function latencySeries(points: readonly TimelinePoint[]): readonly ChartSeries[] {
  const lines: readonly [string, ChartSeries['colour'], ChartSeries['style'], keyof TimelinePoint][] = [
    ['max', 7, 'thin', 'maxUs'],
    ['p99.9', 1, 'line', 'p999Us'],
    ['p99', 0, 'line', 'p99Us'],
    ['p50', 2, 'line', 'p50Us'],
  ];
  return lines
    .map(([label, colour, style, field]): ChartSeries => ({
      label,
      colour,
      style,
      values: points.map((point) => positiveMs(point[field] as number | null)),
    }))
    .filter((series) => series.values.some((value) => value !== null));
}

function availabilitySeries(points: readonly TimelinePoint[]): readonly ChartSeries[] {
  if (points.every((point) => point.availability === null)) return [];
  return [
    {
      label: 'availability',
      colour: 2,
      style: 'area',
      values: points.map((point) => (point.availability === null ? null : rounded(point.availability * 100))),
    },
  ];
}

function percentileSeries(report: Report): ChartData['percentiles'] {
  const rows = totalsByOp(report);
  const odds = oddsUpTo(Math.max(0, ...rows.map((totals) => totals.ok)));
  const series: ChartSeries[] = [];
  const add = (line: Omit<ChartSeries, 'values'>, latency: Parameters<typeof latencyCurve>[0]): void => {
    const curve = latencyCurve(latency, odds);
    if (curve !== null) series.push({ ...line, values: curve.map((point) => positiveMs(point.us)) });
  };
  const isSingle = rows.filter((totals) => totals.op !== ALL).length === 1;
  rows.forEach((totals, index) => {
    if (isSingle && totals.op === ALL) return;
    const colour = (isSingle ? 0 : index) % SERIES_COLOURS;
    add({ label: totals.op === ALL ? 'all ops' : totals.op, colour, style: 'line' }, totals.responseTime);
  });
  add({ label: 'service time', colour: 7, style: 'dashed' }, overallTotals(report)?.serviceTime ?? null);
  return { odds: odds.map((value) => Number(value.toPrecision(5))), series };
}

function phaseBand(phase: ReportPhase, endMs: number): readonly ChartBand[] {
  const toMs = phase.endMs ?? endMs;
  const tone = PHASE_TONES[phase.name];
  if (tone === null || toMs <= phase.startMs) return [];
  return [{ fromS: phase.startMs / 1000, toS: toMs / 1000, label: phase.name, tone }];
}

const PHASE_TONES: Readonly<Record<ReportPhase['name'], ChartBand['tone'] | null>> = {
  prepare: 'rest',
  warmup: 'rest',
  measure: null,
  crash: 'fault',
  recovery: 'recovery',
  final: 'rest',
};

function eventBand(event: ReportEvent): readonly ChartBand[] {
  if (event.endMs === null || event.endMs <= event.tMs) return [];
  return [{ fromS: event.tMs / 1000, toS: event.endMs / 1000, label: event.kind, tone: 'fault' }];
}

function runEndMs(report: Report): number {
  const last = report.timeline?.points.at(-1);
  return Math.max(
    report.identity.durationMs ?? 0,
    last === undefined ? 0 : last.tMs + (report.timeline?.intervalMs ?? 0),
    ...report.phases.map((phase) => phase.endMs ?? 0),
  );
}

function positiveMs(us: number | null): number | null {
  return us === null || us <= 0 ? null : rounded(us / 1000);
}

/** Four significant digits draw the same line in a third of the bytes; whole numbers are left whole. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(value >= 1000 ? 7 : 4));
}

function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function largest(values: readonly (number | null)[]): number | null {
  const some = present(values);
  return some.length === 0 ? null : Math.max(...some);
}
