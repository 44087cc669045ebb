/** What happened between two looks at the counters of `monitor`. */
export interface Rates {
  readonly readsPerS: number;
  readonly writesPerS: number;
  /** Means of those that ended in between, as Apache counts them, in whole ms; null: there were none. */
  readonly readMs: number | null;
  readonly writeMs: number | null;
  readonly flushMs: number | null;
}

type Counters = Readonly<Record<string, unknown>>;

/** Null if the counters have gone back: another process answers, which began again. */
export function ratesBetween(before: Counters, after: Counters, elapsedMs: number): Rates | null {
  const reads = stepOf('readlatency', before, after);
  const writes = stepOf('updatelatency', before, after);
  const flushes = stepOf('fsynctime', before, after);
  if (elapsedMs <= 0 || [reads, writes, flushes].some(({ count }) => count < 0)) return null;
  return {
    readsPerS: (reads.count * 1000) / elapsedMs,
    writesPerS: (writes.count * 1000) / elapsedMs,
    readMs: meanOf(reads),
    writeMs: meanOf(writes),
    flushMs: meanOf(flushes),
  };
}

interface Step {
  readonly count: number;
  readonly sum: number;
}

function stepOf(name: string, before: Counters, after: Counters): Step {
  const growth = (counter: string): number => Number(after[counter] ?? 0) - Number(before[counter] ?? 0);
  return { count: growth(`cnt_${name}`), sum: growth(`sum_${name}`) };
}

function meanOf({ count, sum }: Step): number | null {
  return count === 0 ? null : sum / count;
}
