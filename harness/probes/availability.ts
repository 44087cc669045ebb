import { firstAtOrAfter } from './series.ts';
import type { Series } from './series.ts';

/**
 * Of each bin of `[fromMs, toMs)`, which share of the probes intended in it succeeded; null where none was intended.
 * What could not be sent counts like what failed: the denominator is what users wanted, not what the servers let
 * through.
 */
export function availabilityBins(
  { intendedMs, isOk }: Series,
  { fromMs, toMs, binMs }: { readonly fromMs: number; readonly toMs: number; readonly binMs: number },
): readonly (number | null)[] {
  const bins: (number | null)[] = [];
  let at = firstAtOrAfter(intendedMs, fromMs);
  for (let start = fromMs; start < toMs; start += binMs) {
    const end = Math.min(start + binMs, toMs);
    let intended = 0;
    let succeeded = 0;
    for (; at < intendedMs.length && (intendedMs[at] as number) < end; at++) {
      intended++;
      succeeded += isOk[at] as number;
    }
    bins.push(intended === 0 ? null : succeeded / intended);
  }
  return bins;
}

/** Σ (1 − availability) · bin over the window, in s: the area above the curve. Null where nothing was intended. */
export function lostAvailabilitySeconds(
  series: Series,
  window: { readonly fromMs: number; readonly toMs: number; readonly binMs: number },
): number | null {
  const bins = availabilityBins(series, window);
  if (bins.every((bin) => bin === null)) return null;
  return bins.reduce<number>((sum, availability, index) => {
    const start = window.fromMs + index * window.binMs;
    const lengthMs = Math.min(window.binMs, window.toMs - start);
    return sum + ((1 - (availability ?? 1)) * lengthMs) / 1000;
  }, 0);
}
