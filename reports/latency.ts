import hdr from 'hdr-histogram-js';
import { ALL } from '../harness/history/report-schema.ts';
import type { LatencySummary, OpTotals, Report } from '../harness/history/report-schema.ts';

/** The totals of one op type in one phase; either may be `all`. Null: the run has none. */
export function totalsOf(report: Report, which: { op: string; phase: string }): OpTotals | null {
  return report.totals.find((totals) => totals.op === which.op && totals.phase === which.phase) ?? null;
}

/** Over all ops under load: what a headline is made of. */
export function overallTotals(report: Report): OpTotals | null {
  return totalsOf(report, { op: ALL, phase: ALL }) ?? totalsOf(report, { op: ALL, phase: 'measure' });
}

/** One row for each op type over the phases of load, `all` first. */
export function totalsByOp(report: Report): readonly OpTotals[] {
  const rows = report.totals.filter((totals) => totals.phase === ALL);
  return [...rows.filter((totals) => totals.op === ALL), ...rows.filter((totals) => totals.op !== ALL)];
}

/** The op types of a run, in the order its report names them. */
export function opsOf(report: Report): readonly string[] {
  const ops = new Set<string>();
  for (const totals of report.totals) if (totals.op !== ALL) ops.add(totals.op);
  for (const point of report.timeline?.points ?? []) for (const op of Object.keys(point.ok)) ops.add(op);
  return [...ops];
}

const FIELD_OF_PERCENTILE = new Map<number, keyof LatencySummary>([
  [2.5, 'p025Us'],
  [50, 'p50Us'],
  [90, 'p90Us'],
  [95, 'p95Us'],
  [97.5, 'p975Us'],
  [99, 'p99Us'],
  [99.9, 'p999Us'],
  [99.99, 'p9999Us'],
]);

/** A percentile in microseconds: the figure of the summary, or else from its histogram; null without both. */
export function quantileUs(latency: LatencySummary, percentile: number): number | null {
  const field = FIELD_OF_PERCENTILE.get(percentile);
  const figure = field === undefined ? null : latency[field];
  if (typeof figure === 'number') return figure;
  return latencyCurve(latency, [1 / (1 - percentile / 100)])?.[0]?.us ?? null;
}

export type CurvePoint = {
  /** 1 ÷ (1 − p), from 1 up to the number of values. */
  readonly odds: number;
  /** Null: fewer values than `odds` asks for. */
  readonly us: number | null;
};

const STEPS_PER_DECADE = 12;

/** The values of 1 ÷ (1 − p) at which percentile curves are drawn, up to one in `count`. */
export function oddsUpTo(count: number): readonly number[] {
  const steps = Math.ceil(Math.log10(Math.max(count, 10)) * STEPS_PER_DECADE);
  return Array.from({ length: steps + 1 }, (_, step) => 10 ** (step / STEPS_PER_DECADE));
}

/** The percentile curve of a histogram; null for a summary that carries none, or one that cannot be read. */
export function latencyCurve(
  latency: LatencySummary | null,
  odds: readonly number[],
): readonly CurvePoint[] | null {
  if (latency === null || latency.hdrV2 === null) return null;
  const histogram = decode(latency.hdrV2);
  if (histogram === null || histogram.totalCount === 0) return null;
  const perUs = latency.hdrUnit === 'ns' ? 1000 : 1;
  return odds.map((value) => ({
    odds: value,
    us: value > histogram.totalCount ? null : histogram.getValueAtPercentile((1 - 1 / value) * 100) / perUs,
  }));
}

/** A histogram that was cut short costs its curve and not the whole report. */
function decode(encoded: string): hdr.Histogram | null {
  try {
    return hdr.decodeFromCompressedBase64(encoded, 32, false);
  } catch {
    return null;
  }
}
