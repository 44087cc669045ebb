import { assert } from '../../server/base/assert.ts';

/** From here on the continued fraction is as exact as the series, which loses digits in the tail. */
const TAIL_FROM = 3;
/** So many levels of the fraction, and of the series, are exact to the last digits on their side of it. */
const LEVELS = 100;

/**
 * How much of the standard normal distribution lies above `z`, to 12 digits also far out. By its series about 0, and by
 * Laplace's continued fraction for the tail (Abramowitz and Stegun 1964, 26.2.11 and 26.2.14).
 */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  if (z < TAIL_FROM) {
    let term = z;
    let sum = z;
    for (let k = 1; k <= LEVELS; k++) {
      term *= (z * z) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density(z) * sum;
  }
  let fraction = z;
  for (let k = LEVELS; k > 0; k--) fraction = z + k / fraction;
  return density(z) / fraction;
}

/** The `z` above which `p` of the standard normal distribution lies, 0 < p < 1: 1.96 of 0.025. */
export function upperQuantile(p: number): number {
  assert(p > 0 && p < 1, 'a normal quantile at or beyond the ends');
  if (p > 0.5) return -upperQuantile(1 - p);
  // The logarithm of the tail is concave, and the start lies beyond the root: Newton's steps go back to it, none too far.
  let z = Math.sqrt(-2 * Math.log(p));
  for (;;) {
    const tail = upperTail(z);
    const step = (Math.log(p / tail) * tail) / density(z);
    if (!(step > 1e-14 * Math.max(1, z))) return z;
    z -= step;
  }
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}
