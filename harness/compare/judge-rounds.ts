import type { ComparisonFinding, ComparisonRound } from '../history/comparison-schema.ts';
import { alphaOfLook } from '../stats/looks.ts';
import { compareArms, type Finding } from '../stats/compare-arms.ts';
import type { Measure } from './measures.ts';
import { sentenceOf } from './sentence.ts';

export interface JudgeOptions {
  /** Their names. */
  readonly arms: readonly string[];
  readonly measures: readonly Measure[];
  readonly alpha: number;
  /** How many rounds each arm has at most. */
  readonly roundsMax: number;
  /** A ratio nearer to 1 counts as equal. */
  readonly effect: number;
}

/** When it is looked at what there is: after so many rounds of each arm. */
export interface Look {
  readonly rounds: number;
  /** At the look before; 0 for the first. */
  readonly roundsBefore: number;
}

/** What the rounds that count say at a look; see `compareArms`. */
export function judgeRounds(
  rounds: readonly ComparisonRound[],
  { rounds: count, roundsBefore }: Look,
  { arms, measures, alpha, roundsMax, effect }: JudgeOptions,
): ComparisonFinding[] {
  const counting = rounds.filter(({ excluded }) => excluded === null);
  const findings = compareArms({
    measures: measures.map(({ name, missing, resolution }) => ({
      name,
      missing,
      effect: { ratio: effect, difference: resolution },
    })),
    arms: arms.map((_, arm) =>
      Object.fromEntries(
        measures.map(({ name }) => [
          name,
          counting
            .filter((round) => round.arm === arm && round.doubts[name] === undefined)
            .map(({ values }) => values[name] ?? null),
        ]),
      ),
    ),
    alpha: alphaOfLook({ alpha, roundsMax }, count, roundsBefore),
  });
  return findings.map((finding) => {
    const measure = measures.find(({ name }) => name === finding.measure);
    const doubtful = { base: doubtsOf(0, finding.measure), other: doubtsOf(finding.arm, finding.measure) };
    const told = {
      ...figuresOf(finding),
      doubtful,
      verdict: verdictFor(finding, measure?.better ?? 'lower'),
    };
    return {
      ...told,
      sentence: sentenceOf(told, {
        base: arms[0] ?? '',
        other: arms[finding.arm] ?? '',
        never: finding.never,
        label: measure?.label ?? finding.measure,
        unit: measure?.unit ?? 'ms',
        effect,
      }),
    };
  });

  function doubtsOf(arm: number, measure: string): number {
    return counting.filter((round) => round.arm === arm && round.doubts[measure] !== undefined).length;
  }
}

function figuresOf(finding: Finding): Omit<ComparisonFinding, 'verdict' | 'sentence' | 'doubtful'> {
  const { arm, measure, rounds, median, difference, ratio, p, pAdjusted, moreRounds } = finding;
  return { arm, measure, rounds, median, difference, ratio, p, pAdjusted, moreRounds };
}

function verdictFor({ verdict }: Finding, better: Measure['better']): ComparisonFinding['verdict'] {
  if (verdict === 'equal' || verdict === 'undecided') return verdict;
  return (verdict === 'smaller') === (better === 'lower') ? 'better' : 'worse';
}
