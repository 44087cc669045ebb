import t from 'tap';
import { weigh } from './evidence.ts';

const SOME = Array.from({ length: 10 }, (_, i) => 100 + i);

await t.test('what never happened is later than all that did', async (t) => {
  const base = [...SOME, null];
  const { rounds, never, superiority, p, median, difference } = weigh(base, [null, null, null, 1], {
    alpha: 0.05,
    missing: 'never',
  });
  t.same(rounds, { base: 10, other: 1 });
  t.same(never, { base: 1, other: 3 });
  // 3 of 4 are later than 10 of 11 and as late as one.
  t.equal(superiority, (3 * 10 + 3 * 0.5) / 44);
  t.same(median, { base: 105, other: null });
  t.equal(difference, null);
  t.ok(p !== null && p < 0.5);
});

await t.test('what nobody measured is left out', async (t) => {
  const options = { alpha: 0.05, missing: 'unknown' } as const;
  const evidence = weigh([null, ...SOME, null], SOME, options);
  t.same(evidence, weigh(SOME, SOME, options));
  t.same(evidence.rounds, { base: 10, other: 10 });
  t.same(evidence.never, { base: 0, other: 0 });
});

await t.test('without a value nothing is said', async (t) => {
  t.same(weigh([], SOME, { alpha: 0.05, missing: 'never' }), {
    rounds: { base: 0, other: 10 },
    never: { base: 0, other: 0 },
    median: { base: null, other: 104.5 },
    difference: null,
    ratio: null,
    superiority: null,
    p: null,
  });
  const nowhere = weigh([null, null], [null], { alpha: 0.05, missing: 'never' });
  t.match(nowhere, { median: { base: null, other: null }, p: 1, superiority: 0.5, difference: null });
});

await t.test('an interval takes as many rounds as could be that sure', async (t) => {
  const three = weigh([1, 2, 3], [7, 8, 9], { alpha: 0.05, missing: 'never' });
  t.match(three, { difference: null, ratio: null, median: { base: 2, other: 8 }, p: 0.1 });
  const four = weigh([1, 2, 3, 4], [6, 7, 8, 9], { alpha: 0.05, missing: 'never' });
  t.match(four, { difference: { value: 5 }, ratio: { value: 3 } });
});

await t.test('a number is finite and not negative', async (t) => {
  for (const wrong of [-1, NaN, Infinity])
    for (const missing of ['never', 'unknown'] as const)
      t.throws(() => weigh([wrong], [1], { alpha: 0.05, missing }), `${wrong}`);
});
