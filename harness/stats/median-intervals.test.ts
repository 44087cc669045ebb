import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { type Interval, medianIntervals } from './median-intervals.ts';
import { quantile } from './quantile.ts';
import { normal } from './testing/drawn-rounds.ts';

const values = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 25 });
const alphas = fc.constantFrom(0.05, 0.01, 0.003);

/** `scale`: of the values that it was made from; nothing is known more exactly than a billionth of them. */
function isNear(found: Interval | null, wanted: Interval | null, scale = 1): boolean {
  if (found === null || wanted === null) return found === wanted;
  return (['value', 'low', 'high'] as const).every(
    (end) => Math.abs(found[end] - wanted[end]) <= 1e-9 * Math.max(scale, Math.abs(wanted[end])),
  );
}

await t.test('by hand', async (t) => {
  const apart = medianIntervals([10], [20], 0.05);
  t.same(apart.difference, { value: 10, low: 10, high: 10 });
  t.ok(isNear(apart.ratio, { value: 2, low: 2, high: 2 }));
  // The median of three draws from 1, 2, 3 is 1 with 7/27, 2 with 13/27, 3 with 7/27; the base stays where it is.
  const { difference } = medianIntervals([10], [11, 12, 13], 2 * (8 / 27));
  t.ok(isNear(difference, { value: 2, low: 2, high: 2 }));
  const wider = medianIntervals([10], [11, 12, 13], 2 * (6 / 27));
  t.ok(isNear(wider.difference, { value: 2, low: 1, high: 3 }));
  t.ok(isNear(wider.ratio, { value: 1.2, low: 1.1, high: 1.3 }));
});

await t.test('it is what drawn resamples come near to', async (t) => {
  const prng = new Prng(11);
  const draw = (count: number, scale: number): number[] =>
    Array.from({ length: count }, () => scale * Math.exp(0.3 * normal(prng)));
  const base = draw(20, 200);
  const other = draw(17, 260);
  const medianOfDraw = (values: readonly number[]): number =>
    quantile(
      values.map(() => values[prng.below(values.length)] as number),
      0.5,
    );
  const drawn = Array.from({ length: 20_000 }, () => [medianOfDraw(base), medianOfDraw(other)] as const);
  const { difference, ratio } = medianIntervals(base, other, 0.05);
  const differences = drawn.map(([one, two]) => two - one);
  const ratios = drawn.map(([one, two]) => two / one);
  for (const [found, all] of [
    [difference, differences],
    [ratio, ratios],
  ] as const) {
    t.ok(found !== null && quantile(all, 0.021) <= found.low && found.low <= quantile(all, 0.029));
    t.ok(found !== null && quantile(all, 0.971) <= found.high && found.high <= quantile(all, 0.979));
  }
});

await t.test('it is the same in every unit, and the mirror image when the arms are swapped', async () => {
  fc.assert(
    fc.property(values, values, alphas, fc.constantFrom(1 / 3, 1000), (base, other, alpha, unit) => {
      const { difference, ratio } = medianIntervals(base, other, alpha);
      if (difference === null || ratio === null) return false;
      const scaled = medianIntervals(
        base.map((value) => unit * value),
        other.map((value) => unit * value),
        alpha,
      );
      const swapped = medianIntervals(other, base, alpha);
      const { value, low, high } = difference;
      const largest = Math.max(...base, ...other);
      const inUnit = { value: unit * value, low: unit * low, high: unit * high };
      return (
        isNear(scaled.ratio, ratio) &&
        isNear(scaled.difference, inUnit, unit * largest) &&
        isNear(swapped.difference, { value: -value, low: -high, high: -low }, largest) &&
        isNear(swapped.ratio, { value: 1 / ratio.value, low: 1 / ratio.high, high: 1 / ratio.low })
      );
    }),
  );
});

await t.test('the surer, the wider', async () => {
  fc.assert(
    fc.property(values, values, (base, other) => {
      const [loose, sure] = [0.05, 0.003].map((alpha) => medianIntervals(base, other, alpha).difference);
      if (!loose || !sure) return false;
      return sure.low <= loose.low && loose.low <= loose.high && loose.high <= sure.high;
    }),
  );
});

await t.test('where a median may be 0 there is no ratio', async (t) => {
  const zero = medianIntervals([0, 0, 0, 1], [5, 5, 5, 5], 0.05);
  t.equal(zero.ratio, null);
  t.ok(isNear(zero.difference, { value: 5, low: 4, high: 5 }));
  t.equal(medianIntervals([5, 6, 7], [0, 0, 0], 0.05).ratio, null);
  t.equal(medianIntervals([0, 0], [0, 0], 0.05).ratio, null);
  t.same(medianIntervals([0, 0], [0, 0], 0.05).difference, { value: 0, low: 0, high: 0 });
  const mostly = Array.from({ length: 20 }, (_, i) => (i === 0 ? 0 : 100 + i));
  t.not(medianIntervals(mostly, mostly, 0.05).ratio, null, 'a single 0 is none');
});

await t.test('where a median may be infinite there is neither', async (t) => {
  const values = Array.from({ length: 20 }, (_, i) => 100 + i);
  const often = values.map((value, i) => (i < 8 ? Infinity : value));
  for (const [base, other] of [
    [values, often],
    [often, values],
    [often, often],
    [[Infinity], [Infinity]],
  ] as const)
    t.same(medianIntervals(base, other, 0.05), { difference: null, ratio: null });
  const once = values.map((value, i) => (i === 3 ? Infinity : value));
  t.not(medianIntervals(values, once, 0.05).difference, null);
});

const TRIALS = 400;

/** How often the interval misses what it is about: a ratio of 1.2. */
function missRate(rounds: number, alpha: number, draw: (prng: Prng) => number): number {
  let misses = 0;
  for (let seed = 0; seed < TRIALS; seed++) {
    const prng = new Prng(seed);
    const base = Array.from({ length: rounds }, () => draw(prng));
    const other = Array.from({ length: rounds }, () => 1.2 * draw(prng));
    const { ratio } = medianIntervals(base, other, alpha);
    if (ratio === null || ratio.low > 1.2 || ratio.high < 1.2) misses++;
  }
  return misses / TRIALS;
}

await t.test('it misses no more often than it says', async (t) => {
  const shapes = {
    even: (prng: Prng) => 100 * Math.exp(0.07 * normal(prng)),
    skewed: (prng: Prng) => 20 - 100 * Math.log(1 - prng.next()),
    'of two modes': (prng: Prng) => (prng.next() < 0.3 ? 400 : 200) * Math.exp(0.05 * normal(prng)),
  };
  for (const [name, draw] of Object.entries(shapes)) {
    for (const [rounds, alpha] of [
      [5, 0.05],
      [11, 0.01],
      [20, 0.05],
    ] as const) {
      const rate = missRate(rounds, alpha, draw);
      t.comment(`${name}, ${rounds} rounds: ${(100 * rate).toFixed(1)} % for ${100 * alpha} %`);
      // Three standard deviations of a share.
      t.ok(rate < alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / TRIALS), { name, rounds, alpha, rate });
    }
  }
});
