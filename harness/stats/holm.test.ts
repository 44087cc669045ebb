import * as fc from 'fast-check';
import t from 'tap';
import { holm } from './holm.ts';

const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

await t.test('by hand', async (t) => {
  t.same(holm([]), []);
  t.same(holm([0.03]), [0.03]);
  t.same(holm([0.25, 0.125, 0.0625]), [0.25, 0.25, 0.1875]);
  t.same(holm([0.5, 0.75]), [1, 1], 'at most 1');
  t.same(holm([0.0625, 0.25, 0.0625]), [0.1875, 0.25, 0.1875], 'no smaller than one before it');
});

/** As Holm has it: one after the other, the smallest first, until one is not small enough. */
function rejected(ps: readonly number[], alpha: number): boolean[] {
  const found = ps.map(() => false);
  const order = ps.map((_, at) => at).sort((x, y) => Number(ps[x]) - Number(ps[y]));
  for (const [rank, at] of order.entries()) {
    if (Number(ps[at]) * (ps.length - rank) > alpha) break;
    found[at] = true;
  }
  return found;
}

await t.test('what is at most α are those that Holm rejects, step by step', async () => {
  fc.assert(
    fc.property(ps, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (ps, alpha) => {
      const found = holm(ps).map((p) => p <= alpha);
      return found.join() === rejected(ps, alpha).join();
    }),
  );
});

await t.test('one more question makes no answer surer', async () => {
  fc.assert(
    fc.property(ps, fc.double({ min: 0, max: 1, noNaN: true }), (ps, more) => {
      const adjusted = holm([...ps, more]);
      return holm(ps).every((p, i) => p <= Number(adjusted[i]) && Number(ps[i]) <= p && p <= 1);
    }),
  );
});
