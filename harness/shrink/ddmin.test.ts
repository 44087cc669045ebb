import * as fc from 'fast-check';
import t from 'tap';
import { ddmin } from './ddmin.ts';

const numbers = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 40 });

await t.test('of what fails by some items together, those are left, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(numbers, fc.infiniteStream(fc.boolean()), async (items, isNeeded) => {
      const needed = items.filter(() => isNeeded.next().value === true);
      let asked = 0;
      const left = await ddmin(items, async (some) => {
        asked++;
        return needed.every((item) => some.includes(item));
      });
      return left.join() === needed.join() && asked <= items.length ** 2 + 3 * items.length;
    }),
    { numRuns: 300 },
  );
});

await t.test('none of what is left can be left out, whatever it is that makes it fail', async () => {
  await fc.assert(
    fc.asyncProperty(numbers, fc.nat(), async (items, salt) => {
      // Neither monotone nor about particular items, and always the same.
      const isBad = (some: readonly number[]): boolean =>
        some.length === items.length ||
        (some.reduce((sum, item) => sum + item, salt) % 3 === 0 && some.length > 2);
      const left = await ddmin(items, async (some) => isBad(some));
      if (!isBad(left)) return false;
      return left.length < 2 || left.every((_, i) => !isBad(left.toSpliced(i, 1)));
    }),
    { numRuns: 300 },
  );
});

await t.test('an oracle that has had enough gets the fewest it has seen fail', async (t) => {
  const items = Array.from({ length: 32 }, (_, i) => i);
  let asked = 0;
  const left = await ddmin(items, async (some) => ++asked < 6 && some.includes(7));
  t.ok(left.includes(7) && left.length < 32, `${left.length} are left`);
});
