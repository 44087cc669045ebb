import * as fc from 'fast-check';
import t from 'tap';
import { ddmin } from './ddmin.ts';
import { drive } from './testing/drive.ts';

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function isMinimal(items: readonly number[], fails: (items: readonly number[]) => boolean): boolean {
  return fails(items) && items.every((_, at) => !fails(items.toSpliced(at, 1)));
}

/** Fails with all of `count` items, and else as a hash of them says: nothing follows from anything. */
function whim(seed: number, count: number): (items: readonly number[]) => boolean {
  return (items) => {
    let hash = seed;
    for (const item of items) hash = Math.imul(hash ^ item, 0x01000193) >>> 3;
    return items.length === count || hash % 3 === 0;
  };
}

const counts = fc.integer({ min: 0, max: 24 });

await t.test('what is left cannot be less, of the same answers to the same questions', async () => {
  fc.assert(
    fc.property(counts, fc.nat(), (count, seed) => {
      const fails = whim(seed, count);
      const { result, asked } = drive(ddmin(numbers(count)), fails);
      return isMinimal(result, fails) && asked.length <= count * count + 3 * count;
    }),
    { numRuns: 2_000 },
  );
});

await t.test('what fails by several causes is left with one of them, after few questions', async () => {
  const causes = fc.array(fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(causes, (causes) => {
      const fails = (items: readonly number[]): boolean =>
        causes.some((cause) => cause.every((item) => items.includes(item)));
      const { result, asked } = drive(ddmin(numbers(24)), fails);
      return isMinimal(result, fails) && asked.length <= 3 * 24;
    }),
    { numRuns: 2_000 },
  );
});

await t.test('two of twenty are found in at most 18 questions, whichever they are', async (t) => {
  let most = 0;
  for (let one = 0; one < 20; one++) {
    for (let other = 0; other < one; other++) {
      const { result, asked } = drive(
        ddmin(numbers(20)),
        (items) => items.includes(one) && items.includes(other),
      );
      if (result.join() !== `${other},${one}`) t.fail(`${other} and ${one}: ${result.join()}`);
      most = Math.max(most, asked.length);
    }
  }
  t.equal(most, 18);
});

await t.test('what fails without anything takes one question', async (t) => {
  const { result, asked } = drive(ddmin(numbers(20)), () => true);
  t.same(result, []);
  t.same(asked, [[]]);
});
