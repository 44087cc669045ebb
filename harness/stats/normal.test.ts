import * as fc from 'fast-check';
import t from 'tap';
import { upperQuantile, upperTail } from './normal.ts';

function isNear(found: number, wanted: number): boolean {
  return Math.abs(found - wanted) <= 1e-12 * Math.abs(wanted);
}

// By scipy.stats.norm.sf.
const TABLE = [
  [0, 0.5],
  [1, 0.15865525393145707],
  [1.959963984540054, 0.025],
  [2.5, 0.006209665325776132],
  [3, 0.0013498980316300933],
  [5, 2.866515718791933e-7],
  [10, 7.61985302416047e-24],
  [-1, 0.8413447460685429],
] as const;

await t.test('the tail is what others have', async (t) => {
  for (const [z, p] of TABLE) t.ok(isNear(upperTail(z), p), `${z}: ${upperTail(z)}`);
});

await t.test('a quantile leaves its tail above it', async () => {
  const exponents = fc.double({ min: -300, max: -1e-3, noNaN: true });
  fc.assert(
    fc.property(exponents, (exponent) => {
      const p = 10 ** exponent;
      return Math.abs(upperTail(upperQuantile(p)) / p - 1) < 1e-11;
    }),
    { examples: [[Math.log10(0.5)], [Math.log10(0.025)], [-20]] },
  );
});

await t.test('the ends have none', async (t) => {
  t.throws(() => upperQuantile(0));
  t.throws(() => upperQuantile(1));
});
