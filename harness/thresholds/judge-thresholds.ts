import { opKindName } from '../history/op.ts';
import {
  ALL,
  LOAD_PHASES,
  type OpTotals,
  type Report,
  type ThresholdResult,
} from '../history/report-schema.ts';
import { KIND_OF } from '../load/load-op.ts';
import type { Comparison, Metric, Threshold } from './threshold.ts';

/** The probes that a client's reads and writes are like; those of sessions and watches ask for something else. */
const PROBE_CLASSES: readonly string[] = ['read', 'syncRead', 'write'];

/** Why there is no figure. */
class Missing {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/**
 * Each threshold with what the run has measured, in the order given. One that there was nothing to measure on, in the run or
 * in the baseline, has not been held: it is neither passed nor failed, and says why.
 *
 * `baseline`: null where none of them needs one.
 */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  report: Report,
  baseline: Report | null,
): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const { expression, name, metric, unit, comparison, bound } = threshold;
    const actual = measure(metric, report);
    const reference = bound.type === 'value' ? null : measureBaseline(metric, baseline);
    const result = { expression, name, unit, actual: figureOf(actual), baseline: figureOf(reference) };
    if (actual instanceof Missing) return { ...result, passed: null, note: actual.why };
    if (reference instanceof Missing) {
      return { ...result, passed: null, note: `of the baseline: ${reference.why}` };
    }
    const limit = bound.type === 'value' ? bound.value : bound.factor * (reference ?? 0);
    return { ...result, passed: holds(actual, comparison, limit), note: null };
  });
}

function figureOf(measured: number | Missing | null): number | null {
  return measured instanceof Missing ? null : measured;
}

function holds(actual: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
  }
}

function measureBaseline(metric: Metric, baseline: Report | null): number | Missing {
  return baseline === null ? new Missing('there is none') : measure(metric, baseline);
}

/** In the unit of the metric. */
function measure(metric: Metric, report: Report): number | Missing {
  switch (metric.type) {
    case 'latency': {
      const op = metric.op === 'all' ? ALL : opKindName(KIND_OF[metric.op]);
      const us = totalsOf(report, op)?.responseTime?.[metric.field] ?? null;
      return us === null
        ? new Missing(`no ${metric.op === 'all' ? 'operation' : metric.op} has succeeded`)
        : us / 1000;
    }
    case 'writeGap':
      return writeGapMs(report);
    case 'availability':
      return availability(report);
    case 'throughput':
      return totalsOf(report, ALL)?.opsPerSecond ?? new Missing('nothing was asked for');
    case 'errors': {
      const { count = 0, failed = 0, unknown = 0 } = totalsOf(report, ALL) ?? {};
      return count === 0 ? new Missing('nothing was asked for') : (100 * (failed + unknown)) / count;
    }
  }
}

/** Over all phases of load. */
function totalsOf({ totals }: Report, op: string): OpTotals | undefined {
  return totals.find((one) => one.op === op && one.phase === ALL);
}

function writeGapMs({ recoveries }: Report): number | Missing {
  const gaps = recoveries.flatMap(({ writeGapMs }) => writeGapMs ?? []);
  if (recoveries.length === 0) return new Missing('nothing was done to the servers');
  if (gaps.length < recoveries.length) return new Missing('after a fault no write was acknowledged any more');
  return Math.max(...gaps);
}

/** By probes where there are some, or else what became of the load itself. */
function availability(report: Report): number | Missing {
  const rows = (report.availability?.rows ?? []).filter(
    ({ serverId, probeClass }) => serverId === null && PROBE_CLASSES.includes(probeClass),
  );
  const intended = rows.reduce((sum, row) => sum + row.intended, 0);
  if (intended > 0) return (100 * rows.reduce((sum, { ok }) => sum + ok, 0)) / intended;
  const shares = sharesUnderLoad(report);
  if (shares.length === 0) return new Missing('there were neither probes nor a load');
  return (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length;
}

/** Of each interval of the timeline that lies in a phase of load. */
function sharesUnderLoad({ phases, timeline, workload }: Report): number[] {
  const { points = [], intervalMs = 0 } = timeline ?? {};
  const load = phases.filter(({ name }) => LOAD_PHASES.includes(name));
  return points.flatMap(({ tMs, availability }) => {
    const isUnderLoad = load.some(
      ({ startMs, endMs }) => tMs >= startMs && tMs + intervalMs <= (endMs ?? Infinity),
    );
    if (!isUnderLoad) return [];
    // Who waits for answers before asking again asks for nothing while there are none.
    return availability ?? (workload?.loop === 'closed' ? 0 : []);
  });
}
