import t from 'tap';
import { Prng } from './prng.ts';

function draw(prng: Prng, count: number): number[] {
  return Array.from({ length: count }, () => prng.uint32());
}

await t.test('the same seed draws the same numbers, another seed others', async (t) => {
  t.same(draw(new Prng(7), 20), draw(new Prng(7), 20));
  t.notSame(draw(new Prng(7), 20), draw(new Prng(8), 20));
  t.notSame(draw(new Prng(7), 20), draw(new Prng(7 + 2 ** 32), 20), 'the high half of the seed counts');
});

await t.test('a fork depends on its label and leaves its parent where it was', async (t) => {
  const parent = new Prng(1);
  const first = draw(parent.fork('lane 1'), 10);
  t.same(draw(parent.fork('lane 1'), 10), first);
  t.notSame(draw(parent.fork('lane 2'), 10), first);
  t.same(draw(parent, 10), draw(new Prng(1), 10));
});

await t.test('what is drawn below a bound is spread evenly', async (t) => {
  const prng = new Prng(42);
  const seen = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 100_000; i++) {
    const n = prng.below(10);
    seen[n] = (seen[n] ?? 0) + 1;
  }
  // Ten standard deviations of a binomial count.
  for (const count of seen) t.ok(Math.abs(count - 10_000) < 950, `${count} of 100000`);
  t.equal(
    seen.reduce((sum, count) => sum + count, 0),
    100_000,
  );
});

await t.test('fractions fill the unit interval and stay inside it', async (t) => {
  const prng = new Prng(3);
  let sum = 0;
  let smallest = 1;
  let largest = 0;
  for (let i = 0; i < 100_000; i++) {
    const x = prng.next();
    sum += x;
    smallest = Math.min(smallest, x);
    largest = Math.max(largest, x);
  }
  t.ok(smallest >= 0 && smallest < 0.001);
  t.ok(largest < 1 && largest > 0.999);
  t.ok(Math.abs(sum / 100_000 - 0.5) < 0.01);
});

await t.test('shuffling keeps every item', async (t) => {
  t.same(
    new Prng(5).shuffled([1, 2, 3, 4, 5]).sort((a, b) => a - b),
    [1, 2, 3, 4, 5],
  );
});
