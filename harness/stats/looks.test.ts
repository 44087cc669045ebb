import * as fc from 'fast-check';
import t from 'tap';
import { alphaOfLook, plannedLooks } from './looks.ts';

await t.test('half and all of the rounds', async (t) => {
  t.same(plannedLooks(20), [10, 20]);
  t.same(plannedLooks(5), [3, 5]);
  t.same(plannedLooks(1), [1]);
});

await t.test('spent as O’Brien and Fleming would', async (t) => {
  const plan = { alpha: 0.05, roundsMax: 20 };
  // Lan and DeMets 1983: with two sides of 0.025 each, half the rounds leave 0.00153 a side for one side.
  t.ok(Math.abs(alphaOfLook(plan, 10, 0) - 2 * 0.001525) < 1e-6, `${alphaOfLook(plan, 10, 0)}`);
  t.ok(Math.abs(alphaOfLook(plan, 20, 0) - 0.05) < 1e-12);
  t.ok(alphaOfLook(plan, 5, 0) < 2e-5, 'next to nothing after a quarter of them');
});

await t.test('the looks spend α together, whenever they are, and each spends some', async () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 10 }),
      fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      (looks, alpha) => {
        const rounds = [...looks.toSorted((a, b) => a - b), 60];
        const each = rounds.map((at, i) => alphaOfLook({ alpha, roundsMax: 60 }, at, rounds[i - 1] ?? 0));
        const all = each.reduce((sum, one) => sum + one, 0);
        return each.every((one) => one >= 0) && Math.abs(all - alpha) < 1e-12;
      },
    ),
  );
});

await t.test('looks go forward', async (t) => {
  t.throws(() => alphaOfLook({ alpha: 0.05, roundsMax: 20 }, 10, 10));
  t.throws(() => alphaOfLook({ alpha: 0.05, roundsMax: 20 }, 21, 10));
});
