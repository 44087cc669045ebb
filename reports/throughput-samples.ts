import { LOAD_PHASES } from '../harness/history/report-schema.ts';
import type { Report, TimelinePoint } from '../harness/history/report-schema.ts';

export type ThroughputSamples = {
  /** What one sample spans: a second, or the timeline's interval if that is longer. */
  readonly sampleMs: number;
  /** Ops per second that succeeded, over all op types or one; sorted. */
  readonly sorted: readonly number[];
};

/**
 * Throughput second by second over the phases of load, as autocannon samples it. A last second that is cut
 * short is left out. Null: not one whole sample.
 */
export function throughputSamples(report: Report, op: string | null): ThroughputSamples | null {
  const { timeline } = report;
  if (timeline === null) return null;
  const size = Math.max(1, Math.round(1000 / timeline.intervalMs));
  const underLoad = timeline.points.filter((point) => isLoad(report, point));
  const sampleMs = size * timeline.intervalMs;
  const samples: number[] = [];
  for (let from = 0; from + size <= underLoad.length; from += size) {
    const ok = underLoad.slice(from, from + size).reduce((sum, point) => sum + okOf(point, op), 0);
    samples.push((ok * 1000) / sampleMs);
  }
  return samples.length === 0 ? null : { sampleMs, sorted: samples.sort((a, b) => a - b) };
}

/** The smallest sample that at least `percentile` per cent of the samples do not exceed. */
export function sampleAt(sorted: readonly number[], percentile: number): number | null {
  const rank = Math.ceil((percentile / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? null;
}

/** A report without phases is all load. */
function isLoad(report: Report, point: TimelinePoint): boolean {
  if (report.phases.length === 0) return true;
  return report.phases.some(
    ({ name, startMs, endMs }) =>
      LOAD_PHASES.includes(name) && point.tMs >= startMs && (endMs === null || point.tMs < endMs),
  );
}

function okOf(point: TimelinePoint, op: string | null): number {
  if (op !== null) return point.ok[op] ?? 0;
  return Object.values(point.ok).reduce((sum, count) => sum + count, 0);
}
