import type { Recovery } from '../harness/history/report-schema.ts';
import { formatDuration, formatPlural } from './format.ts';

/** More faults than this are summed up, and only the worst are shown one by one. */
const SHOWN_MAX = 5;
const WORST_SHOWN = 3;

export interface ShownRecoveries {
  /** Null if all are shown. */
  readonly summary: string | null;
  readonly shown: readonly Recovery[];
}

/** A run may have a thousand faults: then what they cost together, and the worst of them. */
export function shownRecoveries(recoveries: readonly Recovery[]): ShownRecoveries {
  if (recoveries.length <= SHOWN_MAX) return { summary: null, shown: recoveries };
  const worstFirst = [...recoveries].sort((a, b) => (b.writeGapMs ?? 0) - (a.writeGapMs ?? 0));
  const gaps = worstFirst.flatMap(({ writeGapMs }) => (writeGapMs === null ? [] : [writeGapMs]));
  const median = gaps[gaps.length >> 1] ?? null;
  return {
    summary:
      `${formatPlural(recoveries.length, 'fault')}: longest write gap ${formatDuration(median)} in the median, ` +
      `${formatDuration(gaps.at(-1) ?? null)} at least, ${formatDuration(gaps[0] ?? null)} at most; the worst:`,
    shown: worstFirst.slice(0, WORST_SHOWN),
  };
}
