import * as fc from 'fast-check';
import t from 'tap';
import { fitsAnother, type Share, shareOfFirst } from './budget.ts';

const share = fc.record(
  { weight: fc.integer({ min: 1, max: 100 }), capMs: fc.integer({ min: 0, max: 10_000 }) },
  { requiredKeys: ['weight'] },
);

await t.test(
  'parts that take their shares take all of the night, and no part more than its cap',
  async () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 10 }), fc.nat(1_000_000), (parts, totalMs) => {
        const shares = divide(parts, totalMs, (ms) => ms);
        const isWithin = shares.every((ms, index) => ms >= 0 && ms <= (parts[index]?.capMs ?? Infinity));
        const isUsedUp = Math.abs(shares.reduce((sum, ms) => sum + ms, 0) - totalMs) < 1e-3;
        return isWithin && (isUsedUp || parts.at(-1)?.capMs !== undefined);
      }),
    );
  },
);

/** What each is given, if it takes what `takes` says. */
function divide(parts: readonly Share[], totalMs: number, takes: (ms: number) => number): number[] {
  let leftMs = totalMs;
  return parts.map((_, index) => {
    const ms = shareOfFirst(parts.slice(index), leftMs);
    leftMs -= takes(ms);
    return ms;
  });
}

await t.test('what a part has left over or overdrawn is shared by those that follow', async (t) => {
  const parts = [{ weight: 1 }, { weight: 1 }, { weight: 2 }];
  t.same(
    divide(parts, 400, () => 0),
    [100, 400 / 3, 400],
    'none took anything',
  );
  t.same(
    divide(parts, 400, () => 1000),
    [100, 0, 0],
    'the first took all',
  );
  t.same(
    divide([{ weight: 1, capMs: 10 }, { weight: 1 }], 400, (ms) => ms),
    [10, 390],
  );
});

await t.test('a unit is begun if one of the usual length fits, and the first always', async (t) => {
  t.equal(fitsAnother({ shareMs: 0, elapsedMs: 5, done: 0 }), true);
  t.equal(fitsAnother({ shareMs: 30, elapsedMs: 20, done: 2 }), true);
  t.equal(fitsAnother({ shareMs: 29, elapsedMs: 20, done: 2 }), false);
});
