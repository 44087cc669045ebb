import t from 'tap';
import { type Missing, type RoundValue, weigh } from './evidence.ts';
import { type Effect, moreRounds, type Verdict, verdictOf } from './verdict.ts';

const ALPHA = 0.05;
const EFFECT: Effect = { ratio: 0.05, difference: 0 };

/** So many around a number, apart from each other by a share of it. */
function around(middle: number, { apart = 0.01, count = 10 } = {}): number[] {
  return Array.from({ length: count }, (_, i) => middle * (1 + apart * (i - (count - 1) / 2)));
}

function judge(
  base: readonly RoundValue[],
  other: readonly RoundValue[],
  {
    effect = EFFECT,
    missing = 'never',
    adjust = 1,
  }: { effect?: Effect; missing?: Missing; adjust?: number } = {},
): { verdict: Verdict; more: number | null } {
  const evidence = weigh(base, other, { alpha: ALPHA, missing });
  const pAdjusted = evidence.p && Math.min(1, adjust * evidence.p);
  return {
    verdict: verdictOf(evidence, { pAdjusted, alpha: ALPHA, effect }),
    more: moreRounds(evidence, { alpha: ALPHA / adjust, effect }),
  };
}

await t.test('what is apart is smaller or larger', async (t) => {
  t.equal(judge(around(100), around(120)).verdict, 'larger');
  t.equal(judge(around(120), around(100)).verdict, 'smaller');
  t.equal(judge(around(100), around(120), { adjust: 1e6 }).verdict, 'undecided', 'unless much was asked');
});

await t.test('what is together, with little scatter, is equal', async (t) => {
  t.equal(judge(around(100, { apart: 0.001 }), around(101, { apart: 0.001 })).verdict, 'equal');
  t.equal(judge([5, 5, 5, 5], [5, 5, 5, 5]).verdict, 'equal');
});

await t.test('with much scatter it is undecided, and how many more it takes', async (t) => {
  const { verdict, more } = judge(around(100, { apart: 0.02 }), around(101, { apart: 0.02 }));
  t.equal(verdict, 'undecided');
  t.ok(more !== null && more > 10 && more < 100, `${more}`);
  const wider = judge(around(100, { apart: 0.04 }), around(101, { apart: 0.04 })).more;
  t.ok(wider !== null && more !== null && wider > 3 * more, `${wider}`);
});

await t.test('so has what looks different and may be chance', async (t) => {
  const base = around(100, { apart: 0.05 });
  const { verdict, more } = judge(base, around(112, { apart: 0.05 }));
  t.equal(verdict, 'undecided');
  t.ok(more !== null && more > 1 && more < 50, `${more}`);
  const less = judge(base, around(106, { apart: 0.05 })).more;
  t.ok(less !== null && more !== null && less > 2 * more, 'the smaller, the more');
  const surer = judge(base, around(112, { apart: 0.05 }), { adjust: 10 }).more;
  t.ok(surer !== null && more !== null && surer > more, 'the more is asked, the more');
});

await t.test(
  'what differs for certain, by less than the effect for all one sees, may differ by more',
  async (t) => {
    const [base, other] = [around(100, { apart: 0.004 }), around(104.5, { apart: 0.004 })];
    t.ok(Number(weigh(base, other, { alpha: ALPHA, missing: 'never' }).p) < 0.01);
    t.equal(judge(base, other).verdict, 'undecided');
    t.equal(judge(base, other, { effect: { ratio: 0.1, difference: 0 } }).verdict, 'equal');
  },
);

await t.test('the effect is the same from either side', async (t) => {
  const [base, other] = [around(100, { apart: 0 }), around(104.9, { apart: 0 })];
  t.equal(judge(base, other).verdict, 'equal');
  t.equal(judge(other, base).verdict, 'equal');
  t.equal(judge(base, around(105.1, { apart: 0 })).verdict, 'larger');
  t.equal(judge(around(105.1, { apart: 0 }), base).verdict, 'smaller');
});

await t.test('without a ratio the difference decides', async (t) => {
  const zeros = around(0);
  const effect = { ratio: 0.05, difference: 2 };
  t.equal(judge(zeros, around(1.5), { effect }).verdict, 'equal');
  t.equal(judge(zeros, around(2.5), { effect }).verdict, 'larger');
  t.equal(judge(zeros, around(2.5)).verdict, 'larger');
  t.equal(judge(zeros, zeros).verdict, 'equal');
  t.equal(
    judge(around(1), around(2.9), { effect }).verdict,
    'equal',
    'nor does a ratio of next to nothing count',
  );
});

await t.test('an arm where it never happens is larger', async (t) => {
  const never = around(100).map(() => null);
  t.equal(judge(around(100), never).verdict, 'larger');
  t.equal(judge(never, around(100)).verdict, 'smaller');
  t.same(judge(never, never), { verdict: 'undecided', more: null });
  t.same(judge(around(100), never, { missing: 'unknown' }), { verdict: 'undecided', more: null });
  const mostly = never.map((value, i) => (i < 2 ? 100 : value));
  t.equal(judge(around(100), mostly).verdict, 'larger');
  t.equal(judge(mostly, never).verdict, 'undecided');
  t.ok(Number(judge(mostly, never).more) > 10);
});

await t.test('nor is it equal where it happens less often', async (t) => {
  const base = around(100, { apart: 0.001 });
  const once = base.map((value, i) => (i === 0 ? null : value));
  t.same(judge(base, once), { verdict: 'undecided', more: null });
  t.equal(judge(once, once).verdict, 'equal');
  t.equal(judge(base, once, { missing: 'unknown' }).verdict, 'equal');
});

await t.test('medians that lie the other way than most pairs decide nothing', async (t) => {
  // A few rounds fewer are slow, and yet most pairs are larger.
  const base = [...around(1, { count: 9 }), ...around(300, { count: 11 })];
  const other = [...around(100, { count: 11 }), ...around(1000, { count: 9 })];
  const { p, superiority } = weigh(base, other, { alpha: ALPHA, missing: 'never' });
  t.ok(Number(superiority) > 0.5 && Number(p) < 0.5, { superiority, p });
  const evidence = weigh(base, other, { alpha: ALPHA, missing: 'never' });
  t.equal(verdictOf(evidence, { pAdjusted: 0.001, alpha: ALPHA, effect: EFFECT }), 'undecided');
  t.equal(moreRounds(evidence, { alpha: ALPHA, effect: EFFECT }), null);
});

await t.test('too few decide nothing', async (t) => {
  t.same(judge([1, 2, 3], [1, 2, 3]), { verdict: 'undecided', more: null });
  t.equal(judge([1, 1, 1], [9, 9, 9]).verdict, 'undecided');
  t.ok(Number(judge([1, 1, 1], [9, 9, 9]).more) >= 1);
  t.same(judge([], []), { verdict: 'undecided', more: null });
});
