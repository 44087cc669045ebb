import type { ComparisonFinding } from '../history/comparison-schema.ts';

export interface SentenceFacts {
  /** Names of the arms. */
  readonly base: string;
  readonly other: string;
  /** In how many rounds it did not happen. */
  readonly never: { readonly base: number; readonly other: number };
  readonly label: string;
  readonly unit: string;
  readonly effect: number;
}

/** A finding for people, with how sure it is, or what it would take to be. */
export function sentenceOf(
  finding: Omit<ComparisonFinding, 'sentence'>,
  { base, other, never, label, unit, effect }: SentenceFacts,
): string {
  const { median, ratio, verdict, rounds, doubtful } = finding;
  const out = doubtful.base + doubtful.other;
  const leftOut = out === 0 ? [] : [`of ${out} rounds it is left out`];
  if (rounds.base + never.base === 0 || rounds.other + never.other === 0)
    return `${label}: ${['too little was measured', ...leftOut].join('; ')}.`;
  const value = (figure: number | null): string => (figure === null ? 'never' : `${shortly(figure)} ${unit}`);
  const medians = `${value(median.other)} with ${other}, ${value(median.base)} with ${base}`;
  const missed = [
    ...(never.base > 0 ? [`in ${never.base} rounds of ${base} it did not happen`] : []),
    ...(never.other > 0 ? [`in ${never.other} rounds of ${other} it did not happen`] : []),
  ];
  const interval =
    ratio === null
      ? []
      : [`${shortly(ratio.value)} times as much, between ${shortly(ratio.low)} and ${shortly(ratio.high)}`];
  const facts = [medians, ...interval, ...missed, ...leftOut].join('; ');
  return `${label}: ${conclusion(verdict, finding, effect)} (${facts}).`;
}

function conclusion(
  verdict: ComparisonFinding['verdict'],
  { moreRounds }: Omit<ComparisonFinding, 'sentence'>,
  effect: number,
): string {
  switch (verdict) {
    case 'better':
    case 'worse':
      return verdict;
    case 'equal':
      return `equal, within ${shortly(100 * effect)} %`;
    case 'undecided': {
      if (moreRounds === null) return 'not decided, and nobody can say how many rounds it would take';
      return `not decided; about ${moreRounds} more ${moreRounds === 1 ? 'round' : 'rounds'} of each would`;
    }
  }
}

function shortly(value: number): string {
  return String(Number(value.toPrecision(3)));
}
