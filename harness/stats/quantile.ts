import { assert } from '../../server/base/assert.ts';

/**
 * Of at least one value, in any order; infinite ones are values like others. `q` from 0 to 1. Between two values it is
 * interpolated linearly, at (n − 1)·q from the first: type 7 of Hyndman and Fan 1996, what NumPy and R do unless told.
 */
export function quantile(values: readonly number[], q: number): number {
  assert(values.length > 0, 'a quantile of nothing');
  assert(q >= 0 && q <= 1, 'a quantile beyond the ends');
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  // Neither ∞ − ∞ nor 0 · ∞ is a number.
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}

/** Of an even count, halfway between the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
