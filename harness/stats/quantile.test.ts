import * as fc from 'fast-check';
import t from 'tap';
import { median, quantile } from './quantile.ts';

await t.test('between two values it lies as far as q says', async (t) => {
  t.equal(quantile([40, 10, 30, 20], 0), 10);
  t.equal(quantile([40, 10, 30, 20], 1), 40);
  t.equal(quantile([40, 10, 30, 20], 0.25), 17.5);
  t.equal(quantile([7], 0.3), 7);
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 2, 3]), 2.5);
  t.equal(median([10, 9, 100]), 10, 'numbers, not texts, are in order');
});

await t.test('what is infinite is larger than all that is not', async (t) => {
  t.equal(median([1, 2, Infinity]), 2);
  t.equal(median([1, Infinity]), Infinity);
  t.equal(median([1, Infinity, Infinity, Infinity]), Infinity);
  t.equal(quantile([1, 2, Infinity], 0.5), 2);
});

await t.test('it is the same in every unit, and never goes back', async () => {
  const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 64 }), (values, i, j) => {
      const [low, high] = [Math.min(i, j) / 64, Math.max(i, j) / 64];
      const q = quantile(values, low);
      return (
        q <= quantile(values, high) &&
        quantile(
          values.map((value) => 8 * value),
          low,
        ) ===
          8 * q
      );
    }),
  );
});

await t.test('of nothing there is none', async (t) => {
  t.throws(() => median([]));
  t.throws(() => quantile([1], 1.1));
});
