import { assert } from '../../server/base/assert.ts';
import { type Evidence, type Missing, type RoundValue, weigh } from './evidence.ts';
import { holm } from './holm.ts';
import { type Effect, moreRounds, type Verdict, verdictOf } from './verdict.ts';

/** One of several that are compared, and what counts for it. */
export interface MeasureRule {
  readonly name: string;
  readonly effect: Effect;
  readonly missing: Missing;
}

/** By the measure's name: of each round that counts, in any order. */
export type ArmValues = Readonly<Record<string, readonly RoundValue[]>>;

/** One measure of one arm, beside the first arm. */
export interface Finding extends Evidence {
  /** Index into the arms; never 0. */
  readonly arm: number;
  readonly measure: string;
  /** Adjusted by Holm's way for all measures and arms; to be compared with `alpha`. Null where `p` is. */
  readonly pAdjusted: number | null;
  readonly verdict: Verdict;
  /** Of each arm, until it is probably decided; null: nobody can say, or it is. */
  readonly moreRounds: number | null;
}

/**
 * What the rounds until now say of each measure of each arm, held against the first arm.
 *
 * `alpha` is that of this look (`alphaOfLook`): over all measures, arms and looks together a difference is seen where
 * there is none no more often than the plan's α, whatever they have in common. The intervals have confidence 1 − `alpha`
 * each, and hold at all looks at once: so often, for each measure, equality is claimed wrongly at most.
 */
export function compareArms({
  measures,
  arms,
  alpha,
}: {
  readonly measures: readonly MeasureRule[];
  readonly arms: readonly ArmValues[];
  readonly alpha: number;
}): Finding[] {
  const [base, ...others] = arms;
  assert(base !== undefined && others.length > 0, 'a comparison has two arms or more');
  const questions = others.flatMap((values, i) =>
    measures.map((rule) => {
      const { name, missing } = rule;
      const evidence = weigh(valuesOf(base, name), valuesOf(values, name), { alpha, missing });
      return { arm: i + 1, rule, evidence };
    }),
  );
  // One that cannot be answered was asked all the same: the caller did not know.
  const adjusted = holm(questions.map(({ evidence }) => evidence.p ?? 1));
  return questions.map(({ arm, rule: { name, effect }, evidence }, i) => {
    const pAdjusted = evidence.p === null ? null : (adjusted[i] as number);
    const verdict = verdictOf(evidence, { pAdjusted, alpha, effect });
    return {
      ...evidence,
      arm,
      measure: name,
      pAdjusted,
      verdict,
      moreRounds:
        verdict === 'undecided' ? moreRounds(evidence, { alpha: alpha / questions.length, effect }) : null,
    };
  });
}

/** Nothing is left to be found out by more rounds. */
export function isDecided(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict }) => verdict !== 'undecided');
}

function valuesOf(arm: ArmValues, measure: string): readonly RoundValue[] {
  const values = arm[measure];
  assert(values !== undefined, 'an arm has values of each measure, though perhaps none');
  return values;
}
