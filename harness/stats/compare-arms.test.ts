import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { type ArmValues, compareArms, type Finding, isDecided, type MeasureRule } from './compare-arms.ts';
import { type DrawnMeasure, drawnRounds } from './testing/drawn-rounds.ts';
import { playedComparison } from './testing/played-comparison.ts';

const SEEDS_FACTOR = Number(process.env['STAMPEDE_SEEDS_FACTOR'] ?? 1);
const COMPARISONS = 200 * SEEDS_FACTOR;

const NAMES = ['write-gap', 't_detect', 't_elect', 't_first', 't_steady', 'p99'];
const PLAN = { alpha: 0.05, roundsMax: 20 };

function rules(ratio: number): MeasureRule[] {
  return NAMES.map((name) => ({ name, effect: { ratio, difference: 0 }, missing: 'never' }));
}

/** Each measure scatters by 5 to 8 %. */
function drawnMeasures(prng: Prng): DrawnMeasure[] {
  return NAMES.map((name) => ({ name, scatter: 0.05 + 0.03 * prng.next() }));
}

interface Planted {
  readonly measures: readonly MeasureRule[];
  /** Of the other arm, by measure. */
  readonly slowdown?: Readonly<Record<string, number>>;
}

/** What comparisons come to that differ in nothing but their luck. */
function* played({ measures, slowdown = {} }: Planted): Generator<readonly Finding[]> {
  for (let seed = 0; seed < COMPARISONS; seed++) {
    const prng = new Prng(seed);
    const drawn = drawnMeasures(prng).slice(0, measures.length);
    const base = drawnRounds(PLAN.roundsMax, drawn, prng);
    const other = drawnRounds(PLAN.roundsMax, drawn, prng, slowdown);
    yield playedComparison(measures, [base, other], PLAN).findings;
  }
}

function isDifference({ verdict }: Finding): boolean {
  return verdict === 'smaller' || verdict === 'larger';
}

await t.test('equal arms are told apart in at most 5 % of the comparisons', async (t) => {
  // Any effect counts: what is larger than a threshold is seen still less often.
  let called = 0;
  for (const findings of played({ measures: rules(1e-9) })) if (findings.some(isDifference)) called++;
  t.comment(`${called} of ${COMPARISONS} call a difference`);
  t.ok(called <= 0.05 * COMPARISONS, `${called}`);
});

await t.test('a measure that is slower by 10 %, one of six, is found in at least 90 %', async (t) => {
  let found = 0;
  let equal = 0;
  for (const [gap] of played({ measures: rules(0.05), slowdown: { 'write-gap': 1.1 } })) {
    if (gap?.verdict === 'larger') found++;
    if (gap?.verdict === 'equal') equal++;
  }
  t.comment(`found in ${found} of ${COMPARISONS}, called equal in ${equal}`);
  t.ok(found >= 0.9 * COMPARISONS, `${found}`);
  t.ok(equal <= 0.025 * COMPARISONS, `${equal}`);
});

await t.test('what is as different as the effect is seldom called equal', async (t) => {
  let equal = 0;
  for (const [gap] of played({ measures: rules(0.1).slice(0, 1), slowdown: { 'write-gap': 1.1 } }))
    if (gap?.verdict === 'equal') equal++;
  t.comment(`${equal} of ${COMPARISONS} are called equal`);
  t.ok(equal <= 0.05 * COMPARISONS, `${equal}`);
});

await t.test('what is clear ends after half of the rounds', async (t) => {
  const prng = new Prng(1);
  const measures = NAMES.map((name) => ({ name, scatter: 0.01 }));
  const slowdown = { t_elect: 3, t_first: 0.5 };
  const base = drawnRounds(PLAN.roundsMax, measures, prng);
  const other = drawnRounds(PLAN.roundsMax, measures, prng, slowdown);
  const { findings, rounds } = playedComparison(rules(0.05), [base, other], PLAN);
  t.equal(rounds, 10);
  t.same(
    findings.map(({ verdict }) => verdict),
    ['equal', 'equal', 'larger', 'smaller', 'equal', 'equal'],
  );
  t.ok(findings.every(({ moreRounds }) => moreRounds === null));
});

function armAround(middle: number): ArmValues {
  return { gap: [0, 1, 2, 3, 4].map((i) => middle + i), other: [1, 2, 3, 4, 5] };
}

await t.test('every arm is held against the first, and all questions count', async (t) => {
  const measures: MeasureRule[] = ['gap', 'other'].map((name) => ({
    name,
    effect: { ratio: 0.05, difference: 0 },
    missing: 'never',
  }));
  const findings = compareArms({
    measures,
    arms: [armAround(100), armAround(200), armAround(50)],
    alpha: 0.05,
  });
  t.same(
    findings.map(({ arm, measure, verdict }) => [arm, measure, verdict]),
    [
      [1, 'gap', 'larger'],
      [1, 'other', 'undecided'],
      [2, 'gap', 'smaller'],
      [2, 'other', 'undecided'],
    ],
  );
  // 2 of 252 choices, and four questions.
  t.ok(Math.abs(Number(findings[0]?.pAdjusted) - 4 * (2 / 252)) < 1e-12);
  t.notOk(isDecided(findings));
  const alone = compareArms({ measures, arms: [armAround(100), armAround(200)], alpha: 0.05 });
  t.ok(Math.abs(Number(alone[0]?.pAdjusted) - 2 * (2 / 252)) < 1e-12);
});

await t.test('the more is asked, the more rounds it takes', async (t) => {
  const arms = [
    [10, 11, 12, 13, 14],
    [12, 13, 14, 15, 16],
  ];
  const roundsFor = (count: number): number => {
    const named = arms.map((values) => Object.fromEntries(NAMES.map((name) => [name, values])));
    const measures = rules(0.05).slice(0, count);
    const [first] = compareArms({ measures, arms: named, alpha: 0.05 });
    return Number(first?.moreRounds);
  };
  t.ok(roundsFor(1) >= 1 && roundsFor(6) > roundsFor(1) + 3, `${roundsFor(1)}, ${roundsFor(6)}`);
});

await t.test('a question that has no answer yet has been asked', async (t) => {
  const values = { gap: [1, 2, 3, 4, 5], other: [] };
  const measures = rules(0.05)
    .slice(0, 2)
    .map((rule, i) => ({ ...rule, name: i === 0 ? 'gap' : 'other' }));
  const later = { gap: [6, 7, 8, 9, 10], other: [] };
  const [gap, other] = compareArms({ measures, arms: [values, later], alpha: 0.05 });
  t.ok(Math.abs(Number(gap?.pAdjusted) - 2 * Number(gap?.p)) < 1e-12);
  t.match(other, { p: null, pAdjusted: null, verdict: 'undecided', moreRounds: null });
});

await t.test('swapped arms have the opposite verdicts', async () => {
  const opposite = { smaller: 'larger', larger: 'smaller', equal: 'equal', undecided: 'undecided' } as const;
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(1, 1.02, 1.1, 1.5), (seed, factor) => {
      const prng = new Prng(seed);
      const measures = drawnMeasures(prng);
      const base = drawnRounds(12, measures, prng);
      const other = drawnRounds(12, measures, prng, { t_first: factor });
      const options = { measures: rules(0.05), alpha: 0.02 };
      const found = compareArms({ ...options, arms: [base, other] });
      const swapped = compareArms({ ...options, arms: [other, base] });
      return found.every(({ verdict }, i) => swapped[i]?.verdict === opposite[verdict]);
    }),
    { numRuns: 60 },
  );
});

await t.test('it takes two arms, with values of each measure', async (t) => {
  t.throws(() => compareArms({ measures: [], arms: [{}], alpha: 0.05 }));
  t.throws(() => compareArms({ measures: rules(0.05), arms: [{}, {}], alpha: 0.05 }));
});
