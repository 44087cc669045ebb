import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { mannWhitney } from './mann-whitney.ts';
import { upperTail } from './normal.ts';
import { roundsToNarrow, roundsToSeeDifference } from './rounds-needed.ts';
import { normal } from './testing/drawn-rounds.ts';

await t.test('as Noether has it', async (t) => {
  // (1.95996 + 0.84162)² / (6 · 0.2²) = 32.7, by hand.
  t.ok(Math.abs(roundsToSeeDifference(0.7, 0.05) - 32.7) < 0.05);
  t.ok(Math.abs(roundsToSeeDifference(0.3, 0.05) - 32.7) < 0.05, 'whichever arm it is');
  t.ok(roundsToSeeDifference(0.7, 0.01) > roundsToSeeDifference(0.7, 0.05));
  t.equal(roundsToSeeDifference(0.5, 0.05), Infinity);
});

await t.test('with so many rounds most differences of that size are seen', async (t) => {
  const shift = 0.9;
  // Of two normal ones, apart by so many standard deviations.
  const superiority = 1 - upperTail(shift / Math.SQRT2);
  const rounds = Math.ceil(roundsToSeeDifference(superiority, 0.05));
  let seen = 0;
  for (let seed = 0; seed < 500; seed++) {
    const prng = new Prng(seed);
    const draw = (shift: number): number[] => Array.from({ length: rounds }, () => normal(prng) + shift);
    if (mannWhitney(draw(0), draw(shift)).p <= 0.05) seen++;
  }
  t.ok(seen > 0.75 * 500 && seen < 0.9 * 500, `${seen} of 500, with ${rounds} rounds`);
});

await t.test('half the width takes four times as many', async (t) => {
  t.equal(roundsToNarrow(2, 20), 80);
});
