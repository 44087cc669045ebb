import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { median } from './quantile.ts';
import { type Distribution, resampledMedian } from './resampled-median.ts';

function upTo({ values, probabilities }: Distribution, limit: number): number {
  return probabilities.reduce(
    (sum, probability, i) => sum + (Number(values[i]) <= limit ? probability : 0),
    0,
  );
}

/** Every resample there is. */
function* resamples(values: readonly number[], count = values.length): Generator<number[]> {
  if (count === 0) yield [];
  else for (const rest of resamples(values, count - 1)) for (const value of values) yield [...rest, value];
}

await t.test('it is what all resamples come to', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }), (values) => {
      const medians = [...resamples(values)].map(median);
      const resampled = resampledMedian(values);
      return resampled.values.every((value) => {
        const share = medians.filter((one) => one <= value).length / medians.length;
        return Math.abs(upTo(resampled, value) - share) < 1e-8;
      });
    }),
    { numRuns: 60, examples: [[[1, 2, 4, 8, 16, 32]]] },
  );
});

await t.test('it is what drawn resamples come near to', async (t) => {
  for (const n of [20, 21]) {
    const prng = new Prng(n);
    const values = Array.from({ length: n }, () => 200 + 40 * prng.next());
    const drawn = Array.from({ length: 20_000 }, () =>
      median(values.map(() => values[prng.below(n)] as number)),
    );
    for (const limit of [205, 215, 220, 225, 235]) {
      const share = drawn.filter((one) => one <= limit).length / drawn.length;
      const wanted = Math.min(1, upTo(resampledMedian(values), limit));
      // Five standard deviations of a share.
      t.ok(Math.abs(share - wanted) < 5 * Math.sqrt((wanted * (1 - wanted)) / 20_000) + 1e-3, {
        n,
        limit,
        share,
        wanted,
      });
    }
  }
});

await t.test('all that may come out adds up to 1, in order, of few values and of many', async (t) => {
  for (const n of [1, 2, 3, 4, 7, 8, 50, 51, 400, 401, 2_000, 2_001]) {
    const resampled = resampledMedian(Array.from({ length: n }, (_, i) => (i * 7919) % n));
    t.ok(Math.abs(upTo(resampled, Infinity) - 1) < 1e-6, `${n}: ${upTo(resampled, Infinity)}`);
    t.ok(resampled.values.every((value, i) => i === 0 || value >= Number(resampled.values[i - 1])));
    const middle = (n - 1) / 2;
    t.ok(Math.abs(upTo(resampled, middle) + upTo(resampled, middle - 1e-9) - 1) < 1e-6, 'a mirror image');
  }
});

await t.test('what is infinite stays so', async (t) => {
  const resampled = resampledMedian([1, Infinity]);
  t.same([...resampled.values], [1, Infinity, Infinity]);
  t.ok(Math.abs(upTo(resampled, 1) - 1 / 4) < 1e-12);
});
