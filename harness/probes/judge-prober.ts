import type { ProbeLog } from './probe-record.ts';
import type { ProberSummary } from './prober-messages.ts';

/** The instrument's judgement of itself. */
export interface ProberCheck {
  /** Actual minus intended sending, of all that could be sent. */
  readonly lagP99Ms: number | null;
  readonly lagMaxMs: number | null;
  /** Of one core; null: the prober did not live to say. */
  readonly cpuShare: number | null;
  readonly limited: boolean;
  readonly reasons: readonly string[];
}

/** A prober that is late by more than its shortest interval does not resolve it, and is flagged. */
export function judgeProber(log: ProbeLog, summary: ProberSummary | null): ProberCheck {
  const lags = log.records
    .flatMap(({ sentNs, intendedNs }) => (Number.isNaN(sentNs) ? [] : [(sentNs - intendedNs) / 1e6]))
    .sort((a, b) => a - b);
  const lagP99Ms = lags[Math.ceil(0.99 * lags.length) - 1] ?? null;
  const budgetMs = Math.min(...log.targets.flatMap(({ intervalMs }) => Object.values(intervalMs)));
  const reasons: string[] = [];
  if (lagP99Ms !== null && lagP99Ms > budgetMs) {
    reasons.push(
      `p99 of the probes' schedule lag is ${lagP99Ms.toFixed(1)} ms, above the budget of ${budgetMs.toFixed(1)} ms: ` +
        "gaps may be the prober's own; give it CPU, or lower --probe-rate",
    );
  }
  if (!log.isComplete) reasons.push('the prober did not come to its end: what it saw last is missing');
  return {
    lagP99Ms,
    lagMaxMs: lags.at(-1) ?? null,
    cpuShare: summary?.cpuShare ?? null,
    limited: reasons.length > 0,
    reasons,
  };
}
