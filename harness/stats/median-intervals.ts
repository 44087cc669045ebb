import { median } from './quantile.ts';
import { type Distribution, resampledMedian } from './resampled-median.ts';

export interface Interval {
  /** As observed. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface MedianIntervals {
  /** The median of `other` less that of `base`, in their unit; null where an end is infinite. */
  readonly difference: Interval | null;
  /** The median of `other` over that of `base`; null where an end is 0 or infinite. */
  readonly ratio: Interval | null;
}

/** To what share of all differences that may come out an end is found. */
const PRECISION = 1e-12;

/**
 * How far apart the medians of two arms are: the percentile intervals of a bootstrap (Efron 1979) with confidence 1 −
 * `alpha`, as with infinitely many resamples. They are the same in every unit, and the mirror image when the arms are
 * swapped. Each arm has at least one value, none negative; `Infinity` is larger than all others.
 */
export function medianIntervals(
  base: readonly number[],
  other: readonly number[],
  alpha: number,
): MedianIntervals {
  const from = { value: median(base), resampled: resampledMedian(base) };
  const to = { value: median(other), resampled: resampledMedian(other) };
  const ratio = differenceOf(logarithm(from), logarithm(to), alpha);
  return {
    difference: differenceOf(from, to, alpha),
    ratio: ratio && {
      value: to.value / from.value,
      low: Math.exp(ratio.low),
      high: Math.exp(ratio.high),
    },
  };
}

interface Estimate {
  readonly value: number;
  readonly resampled: Distribution;
}

function logarithm({ value, resampled }: Estimate): Estimate {
  return { value: Math.log(value), resampled: { ...resampled, values: resampled.values.map(Math.log) } };
}

function differenceOf(from: Estimate, to: Estimate, alpha: number): Interval | null {
  const interval = {
    value: to.value - from.value,
    low: lowEnd(from.resampled, to.resampled, alpha / 2),
    high: -lowEnd(to.resampled, from.resampled, alpha / 2),
  };
  return Object.values(interval).every(Number.isFinite) ? interval : null;
}

/**
 * What `to` − `from` is below with probability `tail` at most. That of two infinite values is unknown and taken for the
 * lowest; the other end takes it for the highest.
 */
function lowEnd(from: Distribution, to: Distribution, tail: number): number {
  const isAbove = (difference: number): boolean => probabilityUpTo(difference, from, to) > tail;
  if (isAbove(-Number.MAX_VALUE)) return -Infinity;
  if (!isAbove(Number.MAX_VALUE)) return Infinity;
  const [fromLow, fromHigh] = finiteRange(from);
  const [toLow, toHigh] = finiteRange(to);
  let below = toLow - fromHigh;
  let above = toHigh - fromLow;
  if (isAbove(below)) return below;
  const precision = PRECISION * (above - below);
  while (above - below > precision) {
    const middle = (below + above) / 2;
    if (isAbove(middle)) above = middle;
    else below = middle;
  }
  return above;
}

function probabilityUpTo(difference: number, from: Distribution, to: Distribution): number {
  let sum = 0;
  let reached = 0;
  let next = 0;
  for (let i = 0; i < from.values.length; i++) {
    const limit = (from.values[i] as number) + difference;
    for (; next < to.values.length && (to.values[next] as number) <= limit; next++)
      reached += to.probabilities[next] as number;
    sum += (from.probabilities[i] as number) * reached;
  }
  return sum;
}

function finiteRange({ values }: Distribution): readonly [number, number] {
  const finite = values.filter(Number.isFinite);
  return [finite[0] as number, finite.at(-1) as number];
}
