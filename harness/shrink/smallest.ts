/**
 * Halves the way between the smallest number that is known to fail, at first `from`, and the greatest that does not, at first
 * 0, which is never tried. Yields what is to be tried, is told whether it fails, and returns the smallest that did, when
 * the two are no further apart than `precisionOf` it, at least 1. At most ⌈log₂ from⌉ are tried.
 */
export function* smallest(
  from: number,
  precisionOf: (fails: number) => number,
): Generator<number, number, boolean> {
  let passes = 0;
  let fails = from;
  while (fails - passes > precisionOf(fails)) {
    const middle = (passes + fails) >>> 1;
    if (yield middle) fails = middle;
    else passes = middle;
  }
  return fails;
}
