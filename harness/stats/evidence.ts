import { assert } from '../../server/base/assert.ts';
import { mannWhitney, smallestP } from './mann-whitney.ts';
import { type Interval, medianIntervals } from './median-intervals.ts';
import { median } from './quantile.ts';

/** Of one round: a number that is not negative, or null where it did not come to that. */
export type RoundValue = number | null;

/**
 * What null means. `never`: what is waited for did not happen in that round, so it is later than wherever it did.
 * `unknown`: nobody looked, and the round says nothing of this measure.
 */
export type Missing = 'never' | 'unknown';

export interface PerArm<T> {
  readonly base: T;
  readonly other: T;
}

/** One measure of two arms, and what there is to say of it, before anything is concluded. */
export interface Evidence {
  /** How many rounds have a value. */
  readonly rounds: PerArm<number>;
  /** In how many rounds it did not happen. */
  readonly never: PerArm<number>;
  /**
   * Over the rounds with a value and those where it did not happen; null without any, and where mostly it did not happen.
   */
  readonly median: PerArm<number | null>;
  /**
   * Other less base, in the measure's unit; null where too few rounds, or too many without a value, allow no such
   * interval.
   */
  readonly difference: Interval | null;
  /** Other over base; null also where it reaches a median of 0. */
  readonly ratio: Interval | null;
  /** In which share of the pairs the other arm's value is larger; null where an arm has none. */
  readonly superiority: number | null;
  /** Of Mann and Whitney's test, for this measure alone; null where an arm has no value. */
  readonly p: number | null;
}

/** `alpha`: the intervals have confidence 1 − alpha. */
export function weigh(
  base: readonly RoundValue[],
  other: readonly RoundValue[],
  { alpha, missing }: { readonly alpha: number; readonly missing: Missing },
): Evidence {
  const values = { base: countable(base, missing), other: countable(other, missing) };
  const never = { base: infiniteIn(values.base), other: infiniteIn(values.other) };
  const common = {
    rounds: { base: values.base.length - never.base, other: values.other.length - never.other },
    never,
    median: { base: finiteMedian(values.base), other: finiteMedian(values.other) },
  };
  if (values.base.length === 0 || values.other.length === 0)
    return { ...common, difference: null, ratio: null, superiority: null, p: null };
  return {
    ...common,
    // So few rounds cannot be so sure of anything, however they come out.
    ...(smallestP(values.base.length, values.other.length) > alpha
      ? { difference: null, ratio: null }
      : medianIntervals(values.base, values.other, alpha)),
    ...mannWhitney(values.base, values.other),
  };
}

function countable(values: readonly RoundValue[], missing: Missing): number[] {
  const counted = missing === 'never' ? values.map((value) => value ?? Infinity) : values.filter(isNumber);
  assert(
    values.every((value) => value === null || (value >= 0 && value < Infinity)),
    'a measure is finite and not negative',
  );
  return counted;
}

function isNumber(value: RoundValue): value is number {
  return value !== null;
}

function infiniteIn(values: readonly number[]): number {
  return values.filter((value) => value === Infinity).length;
}

function finiteMedian(values: readonly number[]): number | null {
  const value = values.length === 0 ? Infinity : median(values);
  return value === Infinity ? null : value;
}
