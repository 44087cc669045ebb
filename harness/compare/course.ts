import type { Course } from '../history/comparison-schema.ts';
import type { Report } from '../history/report-schema.ts';

/** Around a fault: enough before it to see what was usual, and as long after it as anybody waits. */
const BEFORE_MS = 1000;
const AFTER_MAX_MS = 60_000;

/** How many operations succeeded about the first fault of a run; null without one. */
export function courseOf({ timeline, recoveries: [first] }: Report): Course | null {
  const faultAtMs = first?.killedAtMs ?? null;
  if (timeline === null || faultAtMs === null) return null;
  const { intervalMs } = timeline;
  const points = timeline.points.filter(
    ({ tMs }) => tMs >= faultAtMs - BEFORE_MS && tMs < faultAtMs + AFTER_MAX_MS,
  );
  return {
    intervalMs,
    fromMs: (points[0]?.tMs ?? faultAtMs) - faultAtMs,
    opsPerSecond: points.map(
      ({ ok }) => (Object.values(ok).reduce((sum, count) => sum + count, 0) * 1000) / intervalMs,
    ),
  };
}
