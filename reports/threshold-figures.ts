import type { Report, ThresholdResult } from '../harness/history/report-schema.ts';
import { formatDuration, formatFigure, formatRate, formatShare, formatStart, NONE } from './format.ts';

/** With its unit: 3.1 ms, 99.98 %, 50,120 ops/s. */
export function formatMeasured(value: number | null, unit: ThresholdResult['unit']): string {
  if (value === null) return NONE;
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case '%':
      return formatShare(value / 100);
    case 'ops/s':
      return `${formatRate(value)} ops/s`;
    case null:
      return formatFigure(value);
  }
}

/** In the manner of k6: write.p99=3.1ms. */
export function formatAssigned(name: string, value: number, unit: ThresholdResult['unit']): string {
  return `${name}=${formatMeasured(value, unit).replace(' ', '')}`;
}

/** What stands beside a threshold: what was measured, what the baseline has, or why there is nothing. */
export function measuredInWords({ actual, baseline, unit, note }: ThresholdResult): string {
  const words = [
    ...(actual === null ? [] : [formatMeasured(actual, unit)]),
    ...(baseline === null ? [] : [`baseline ${formatMeasured(baseline, unit)}`]),
    ...(note === null ? [] : [`nothing to measure it on: ${note}`]),
  ];
  return words.length === 0 ? NONE : words.join('; ');
}

/** "run 20260301T…, 2026-03-01 12:00:00 UTC, commit 0123456789ab"; null: this one was held against no other. */
export function baselineInWords(report: Report): string | null {
  const baseline = report.verdict?.baseline ?? null;
  if (baseline === null) return null;
  const { runId, startedAt, revision } = baseline;
  const commit = revision === null ? '' : `, commit ${revision.slice(0, 12)}`;
  return `run ${runId}, ${formatStart(startedAt)}${commit}`;
}
