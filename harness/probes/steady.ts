import { firstAtOrAfter } from './series.ts';
import type { Series } from './series.ts';

/** When a series is as before: */
export interface RecoveryLimits {
  /** at least this share of the baseline's success rate, */
  readonly successShareMin: number;
  /** and a p99 of at most so many times the baseline's, */
  readonly p99FactorMax: number;
  /** for so long. */
  readonly windowMs: number;
}

export const RECOVERY_LIMITS: RecoveryLimits = { successShareMin: 0.95, p99FactorMax: 2, windowMs: 1000 };

/** How a series was before the fault. */
export interface Baseline {
  /** 0 to 1. */
  readonly successRate: number;
  /** From the intended start, of those that succeeded. */
  readonly p99Ms: number;
}

/** Null if there was nothing, or nothing that succeeded. */
export function baselineOf(
  { intendedMs, completedMs, isOk }: Series,
  window: { readonly fromMs: number; readonly toMs: number },
): Baseline | null {
  const from = firstAtOrAfter(intendedMs, window.fromMs);
  const to = firstAtOrAfter(intendedMs, window.toMs);
  const latencies: number[] = [];
  for (let i = from; i < to; i++) {
    if (isOk[i] === 1) latencies.push((completedMs[i] as number) - (intendedMs[i] as number));
  }
  if (latencies.length === 0) return null;
  latencies.sort((a, b) => a - b);
  return {
    successRate: latencies.length / (to - from),
    p99Ms: latencies[Math.ceil(0.99 * latencies.length) - 1] as number,
  };
}

/**
 * When the first probe was intended from which on, for the length of the window, the success rate and the p99 were
 * within the limits. It succeeded itself, and in time: an outage does not end with one of its failures. Null if
 * there is none before `toMs`, or too little was probed after it to tell.
 */
export function steadyFrom(
  { intendedMs, completedMs, isOk, intervalMs }: Series,
  of: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly baseline: Baseline;
    readonly limits: RecoveryLimits;
  },
): number | null {
  const { baseline, limits } = of;
  const slowMs = baseline.p99Ms * limits.p99FactorMax;
  const isSlow = (i: number): boolean => (completedMs[i] as number) - (intendedMs[i] as number) > slowMs;
  const count = intendedMs.length;
  const failedUpTo = new Int32Array(count + 1);
  const slowUpTo = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) {
    failedUpTo[i + 1] = (failedUpTo[i] as number) + (isOk[i] === 0 ? 1 : 0);
    slowUpTo[i + 1] = (slowUpTo[i] as number) + (isOk[i] === 1 && isSlow(i) ? 1 : 0);
  }
  for (let i = firstAtOrAfter(intendedMs, of.fromMs); i < count; i++) {
    const startMs = intendedMs[i] as number;
    if (startMs >= of.toMs || !isWithin(startMs, limits, intendedMs, intervalMs)) return null;
    if (isOk[i] === 0 || isSlow(i)) continue;
    const end = firstAtOrAfter(intendedMs, startMs + limits.windowMs);
    const failed = (failedUpTo[end] as number) - (failedUpTo[i] as number);
    const slow = (slowUpTo[end] as number) - (slowUpTo[i] as number);
    const succeeded = end - i - failed;
    const hasRate = succeeded / (end - i) >= limits.successShareMin * baseline.successRate;
    // The p99 is the value that one in a hundred may exceed.
    const hasP99 = slow <= succeeded - Math.ceil(0.99 * succeeded);
    if (hasRate && hasP99) return startMs;
  }
  return null;
}

/** Whether probes were still sent at the end of the window. */
function isWithin(
  startMs: number,
  { windowMs }: RecoveryLimits,
  intendedMs: Float64Array,
  intervalMs: number,
): boolean {
  return startMs + windowMs <= (intendedMs.at(-1) as number) + intervalMs;
}
