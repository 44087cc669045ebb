import type { Evidence } from './evidence.ts';
import type { Interval } from './median-intervals.ts';
import { roundsToNarrow, roundsToSeeDifference } from './rounds-needed.ts';

/** What counts as no difference: either is enough. */
export interface Effect {
  /** By how much the ratio of the medians may be away from 1: with 0.05 it is between 1 / 1.05 and 1.05. Positive. */
  readonly ratio: number;
  /**
   * By how much the medians may be apart, in the measure's unit: what it is exact to, or 0. All there is to go by where
   * one is 0.
   */
  readonly difference: number;
}

/** What the other arm's values are, beside those of the base. */
export type Verdict = 'smaller' | 'larger' | 'equal' | 'undecided';

/**
 * - `smaller`, `larger`: Mann and Whitney's test, adjusted for all that is asked at once, says so, and the medians are
 *   apart by more than the effect, the same way.
 * - `equal`: one of the intervals lies wholly within the effect, and it happened in the same share of the rounds of both.
 * - `undecided`: anything else. Also what differs for certain, but as far as one can see by no more than the effect: it
 *   may be more.
 *
 * An arm where it never happens is larger than one where it does. `pAdjusted` is null where an arm has no value.
 */
export function verdictOf(
  evidence: Evidence,
  {
    pAdjusted,
    alpha,
    effect,
  }: { readonly pAdjusted: number | null; readonly alpha: number; readonly effect: Effect },
): Verdict {
  if (pAdjusted !== null && pAdjusted <= alpha) {
    const direction = directionOf(evidence);
    const size = sizeOf(evidence, effect);
    if (size === null || size === direction) return direction;
  }
  return happensAsOften(evidence) && excessOf(evidence, effect) <= 1 ? 'equal' : 'undecided';
}

/**
 * How many more rounds of each arm it probably takes to decide what is undecided, if those until now are typical: to see
 * a difference of the size that is seen, or, where that counts as none, to be sure that it is not more. At least 1; null
 * where nobody can say.
 *
 * `alpha`: of each question, when all are asked at once.
 */
export function moreRounds(
  evidence: Evidence,
  { alpha, effect }: { readonly alpha: number; readonly effect: Effect },
): number | null {
  const { rounds, never, superiority } = evidence;
  if (superiority === null) return null;
  const base = rounds.base + never.base;
  const other = rounds.other + never.other;
  // What arms of different sizes are worth: as much as two of this size.
  const have = (2 * base * other) / (base + other);
  const size = sizeOf(evidence, effect);
  let needed = Infinity;
  if (size === null || size === directionOf(evidence)) needed = roundsToSeeDifference(superiority, alpha);
  else if (size === 'none' && happensAsOften(evidence))
    needed = roundsToNarrow(excessOf(evidence, effect), have);
  return needed < Infinity ? Math.max(1, Math.ceil(needed - have)) : null;
}

function directionOf({ superiority }: Evidence): 'smaller' | 'larger' {
  return (superiority ?? 0) > 0.5 ? 'larger' : 'smaller';
}

/** How the other median lies to the base's; null: in most rounds of both it does not happen. */
function sizeOf({ median: { base, other } }: Evidence, effect: Effect): 'smaller' | 'larger' | 'none' | null {
  if (base === null && other === null) return null;
  const low = Math.min(base ?? Infinity, other ?? Infinity);
  const high = Math.max(base ?? Infinity, other ?? Infinity);
  if (high <= low * (1 + effect.ratio) || high - low <= effect.difference) return 'none';
  return low === base ? 'larger' : 'smaller';
}

function happensAsOften({ rounds, never }: Evidence): boolean {
  return never.base * rounds.other === never.other * rounds.base;
}

/**
 * By which factor an interval is too wide to lie within the effect, the better of both; infinite where no width would do.
 */
function excessOf({ ratio, difference }: Evidence, effect: Effect): number {
  const ofRatio = ratio && {
    value: Math.log(ratio.value),
    low: Math.log(ratio.low),
    high: Math.log(ratio.high),
  };
  return Math.min(excess(ofRatio, Math.log1p(effect.ratio)), excess(difference, effect.difference));
}

function excess(interval: Interval | null, limit: number): number {
  if (interval === null) return Infinity;
  const { value, low, high } = interval;
  return Math.max(stretch(value - low, limit + value), stretch(high - value, limit - value));
}

function stretch(reach: number, room: number): number {
  if (room < 0) return Infinity;
  return reach <= 0 ? 0 : reach / room;
}
