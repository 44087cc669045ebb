import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { mannWhitney, smallestP } from './mann-whitney.ts';
import { normalP } from './normal-p.ts';
import { permutationP } from './permutation-p.ts';
import { normal } from './testing/drawn-rounds.ts';
import { tieGroups } from './tie-groups.ts';

function superiorityOf(base: readonly number[], other: readonly number[]): number {
  const pairs = base.flatMap((one) => other.map((two) => (two > one ? 1 : two === one ? 0.5 : 0)));
  return pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length;
}

/** Every way to deal the values out to arms of the same sizes. */
function* dealt(values: readonly number[], count: number): Generator<[number[], number[]]> {
  if (values.length === 0) {
    yield [[], []];
    return;
  }
  const [first, ...rest] = values as [number, ...number[]];
  if (count > 0) for (const [one, two] of dealt(rest, count - 1)) yield [[first, ...one], two];
  if (rest.length >= count) for (const [one, two] of dealt(rest, count)) yield [one, [first, ...two]];
}

function onward(value: number): number {
  return Math.exp(value / 10) - 7;
}

const few = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 });
const some = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 25 });

await t.test('by hand', async (t) => {
  // One of 20 choices has all of one arm below the other, and one has all above.
  t.same(mannWhitney([1, 2, 3], [4, 5, 6]), { superiority: 1, p: 2 / 20 });
  t.same(mannWhitney([4, 5, 6], [1, 2, 3]), { superiority: 0, p: 2 / 20 });
  // U is 0 or 1 at one end and 8 or 9 at the other: 4 of 20.
  t.same(mannWhitney([1, 2, 4], [3, 5, 6]), { superiority: 8 / 9, p: 4 / 20 });
  t.same(mannWhitney([1], [2]), { superiority: 1, p: 1 });
  // 1 1 | 1 2: of the 6 choices, 3 have the 2, and U is 1½ of 2 or ½ there: all are equally far.
  t.same(mannWhitney([1, 1], [1, 2]), { superiority: 3 / 4, p: 1 });
  // Of 0 0 0 1 1 1 all the same in each arm: 2 of 20.
  t.same(mannWhitney([0, 0, 0], [1, 1, 1]), { superiority: 1, p: 2 / 20 });
  t.same(mannWhitney([7, 7, 7], [7, 7]), { superiority: 1 / 2, p: 1 });
});

await t.test('it is what counting all ways to deal the values out comes to, with ties', async () => {
  fc.assert(
    fc.property(few, few, (base, other) => {
      const { superiority, p } = mannWhitney(base, other);
      const distance = Math.abs(superiorityOf(base, other) - 0.5);
      const ways = [...dealt([...base, ...other], base.length)];
      const asFar = ways.filter(
        ([one, two]) => Math.abs(superiorityOf(one, two) - 0.5) >= distance - 1e-9,
      ).length;
      return (
        Math.abs(superiority - superiorityOf(base, other)) < 1e-12 &&
        Math.abs(p - asFar / ways.length) < 1e-12
      );
    }),
    { numRuns: 300 },
  );
});

await t.test('only the order counts, and which arm is called the base does not', async () => {
  fc.assert(
    fc.property(some, some, (base, other) => {
      const result = mannWhitney(base, other);
      const moved = mannWhitney(base.map(onward), other.map(onward));
      const swapped = mannWhitney(other, base);
      return (
        result.p > 0 &&
        result.p <= 1 &&
        moved.p === result.p &&
        moved.superiority === result.superiority &&
        Math.abs(swapped.p - result.p) < 1e-12 &&
        Math.abs(swapped.superiority + result.superiority - 1) < 1e-12
      );
    }),
  );
});

await t.test('equal arms are so far apart no more often than p says', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { minLength: 2, maxLength: 9 }),
      fc.integer({ min: 1, max: 8 }),
      (values, count) => {
        const ways = [...dealt(values, Math.min(count, values.length - 1))];
        const ps = ways.map(([one, two]) => mannWhitney(one, two).p);
        return ps.every((p) => ps.filter((other) => other <= p + 1e-12).length / ps.length <= p + 1e-9);
      },
    ),
    { numRuns: 100 },
  );
});

await t.test('p is never below what such arms allow', async (t) => {
  t.equal(smallestP(3, 3), 2 / 20);
  t.equal(smallestP(1, 1), 1);
  t.ok(Math.abs(smallestP(20, 10) - 2 / 30_045_015) < 1e-20);
  fc.assert(
    fc.property(some, some, (base, other) => {
      const apart = mannWhitney(
        base.map((value, i) => value + i / 100),
        other.map((value, i) => 1000 + value + i / 100),
      );
      return Math.abs(apart.p / smallestP(base.length, other.length) - 1) < 1e-9;
    }),
  );
});

await t.test('the approximation by hand, without ties and with them', async (t) => {
  // U is 9 of 9 and half a step less, its variance 9/12 · 7: 4 / √5.25 standard deviations.
  t.ok(Math.abs(normalP(tieGroups([1, 2, 3], [4, 5, 6]), 18) - 0.080856) < 1e-6);
  // 8½ of 9, and the variance 9/12 · (7 − 18/30), for three pairs are tied: 3.5 / √4.8.
  t.ok(Math.abs(normalP(tieGroups([1, 1, 2], [2, 3, 3]), 17) - 0.110149) < 1e-6);
});

await t.test('where the counting ends, the approximation is near it', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const prng = new Prng(seed);
    const draw = (shift: number): number[] =>
      Array.from({ length: 31 }, () => Math.round(10 * (normal(prng) + shift)));
    const groups = tieGroups(draw(0), draw(seed / 20));
    const doubledU = 31 * 31 + 40 * seed;
    const exact = permutationP(groups, doubledU);
    const near = normalP(groups, doubledU);
    t.ok(Math.abs(near - exact) < 0.05 * exact + 0.0005, `seed ${seed}: ${near} for ${exact}`);
  }
});

await t.test('beyond, too, order is all that counts', async (t) => {
  const low = Array.from({ length: 60 }, (_, i) => i);
  const high = low.map((value) => value + 30.5);
  const { p, superiority } = mannWhitney(low, high);
  t.ok(p > 0 && p < 1e-9);
  t.ok(superiority > 0.85);
  t.equal(mannWhitney(high, low).p, p);
  t.equal(mannWhitney(low, low).p, 1);
  t.equal(
    mannWhitney(
      low.map(() => 3),
      low.map(() => 3),
    ).p,
    1,
    'all the same',
  );
});
