import * as fc from 'fast-check';
import t from 'tap';
import { smallest } from './smallest.ts';
import { drive } from './testing/drive.ts';

await t.test('the smallest number that fails is found in as many questions as it has bits', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(), (from, seed) => {
      const least = (seed % from) + 1;
      const { result, asked } = drive(
        smallest(from, () => 1),
        (value) => value >= least,
      );
      return result === least && asked.length <= Math.ceil(Math.log2(from));
    }),
    { numRuns: 1_000 },
  );
});

function precisionOf(value: number): number {
  return Math.max(100, value / 4);
}

await t.test('and no closer than told, whatever is answered', async () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.infiniteStream(fc.boolean()), (from, answers) => {
      const passing = [0];
      const { result, asked } = drive(smallest(from, precisionOf), (value) => {
        const fails = answers.next().value === true;
        if (!fails) passing.push(value);
        return fails;
      });
      const isAnswered = result === from || (asked.includes(result) && !passing.includes(result));
      return isAnswered && result - Math.max(...passing) <= precisionOf(result);
    }),
    { numRuns: 1_000 },
  );
});
