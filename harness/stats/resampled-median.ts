import { assert } from '../../server/base/assert.ts';

/** What may come out, the smallest first, and how probable each is. */
export interface Distribution {
  readonly values: Float64Array;
  readonly probabilities: Float64Array;
}

interface Atom {
  readonly value: number;
  readonly probability: number;
}

/** What is less probable is left out; what rounding makes of an impossible one, too. */
const NEGLIGIBLE = 1e-10;
/** What is farther than this many standard deviations from the middle comes out less than once in 10^20. */
const DEVIATIONS_MAX = 10;

/**
 * The median of as many draws from `values`, with replacement, as there are. What a bootstrap (Efron 1979) comes to with
 * infinitely many resamples, which for a median need not be drawn: it is the probability of its order statistics. At
 * least one value; `Infinity` is one like others.
 */
export function resampledMedian(values: readonly number[]): Distribution {
  assert(values.length > 0, 'a median of nothing');
  const sorted = Float64Array.from(values).sort();
  const all = sorted.length % 2 === 1 ? middleOne(sorted) : middleTwo(sorted);
  const atoms = all.filter(({ probability }) => probability > NEGLIGIBLE);
  atoms.sort((x, y) => (x.value < y.value ? -1 : Number(x.value > y.value)));
  return {
    values: Float64Array.from(atoms, ({ value }) => value),
    probabilities: Float64Array.from(atoms, ({ probability }) => probability),
  };
}

/** Of an odd count: the draw in the middle is the i-th of the values. */
function middleOne(sorted: Float64Array): Atom[] {
  const drawnAt = drawnAtIndex(sorted.length, (sorted.length + 1) / 2);
  return likelyIndices(sorted.length).map((i) => ({
    value: sorted[i] as number,
    probability: drawnAt(i),
  }));
}

/** Of an even count: the two in the middle are the i-th and the j-th of the values. */
function middleTwo(sorted: Float64Array): Atom[] {
  const n = sorted.length;
  const half = n / 2;
  // C(n, n/2) is split between the halves, for it leaves the range of numbers when n is large.
  const logWays = logChoose(n)[half] as number;
  const power = (i: number): number => Math.exp(logWays / 2 + half * Math.log(i / n));
  // The lower half of the draws has its largest at i, the upper one its smallest at j, which is the same from the other end.
  const halfEndsAt = (i: number): number => power(i + 1) - power(i);
  const drawnAt = drawnAtIndex(n, half);
  const indices = likelyIndices(n);
  return indices.flatMap((i) => {
    const both = { value: sorted[i] as number, probability: drawnAt(i) - halfEndsAt(i) * power(n - 1 - i) };
    const apart = indices
      .filter((j) => j > i)
      .map((j) => ({
        value: ((sorted[i] as number) + (sorted[j] as number)) / 2,
        probability: halfEndsAt(i) * halfEndsAt(n - 1 - j),
      }));
    return [both, ...apart];
  });
}

/** The probability that the `rank`-th smallest of n draws is the value at this index. */
function drawnAtIndex(n: number, rank: number): (i: number) => number {
  const logWays = logChoose(n);
  /** At least `rank` draws are among the first `count` values. */
  const among = (count: number): number => {
    if (count === n) return 1;
    let sum = 0;
    for (let k = rank; k <= n; k++)
      sum += Math.exp((logWays[k] as number) + k * Math.log(count / n) + (n - k) * Math.log1p(-count / n));
    return sum;
  };
  return (i) => among(i + 1) - among(i);
}

/** The logarithms of C(n, 0) to C(n, n). */
function logChoose(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) logs[k] = (logs[k - 1] as number) + Math.log((n - k + 1) / k);
  return logs;
}

function likelyIndices(n: number): number[] {
  const reach = (DEVIATIONS_MAX / 2) * Math.sqrt(n) + 1;
  return Array.from({ length: n }, (_, i) => i).filter((i) => Math.abs(i - (n - 1) / 2) <= reach);
}
