import type {
  Comparison,
  ComparisonFinding,
  ComparisonMeasure,
  ComparisonRound,
} from '../../harness/history/comparison-schema.ts';
import type { Badge } from '../badge.ts';
import { formatFigure, NONE } from '../format.ts';

const BADGES: Readonly<Record<ComparisonFinding['verdict'], Badge>> = {
  better: { label: 'better', tone: 'good' },
  worse: { label: 'worse', tone: 'bad' },
  equal: { label: 'equal', tone: 'plain' },
  undecided: { label: 'undecided', tone: 'warn' },
};

export function verdictBadge({ verdict }: ComparisonFinding): Badge {
  return BADGES[verdict];
}

/** How it ended, as one word. */
export function endBadge({ ended, findings }: Comparison): Badge {
  if (ended === 'failed') return { label: 'failed', tone: 'bad' };
  if (ended === 'interrupted') return { label: 'interrupted', tone: 'warn' };
  if (findings.some(({ verdict }) => verdict === 'worse'))
    return { label: 'worse in something', tone: 'bad' };
  if (findings.some(({ verdict }) => verdict === 'undecided'))
    return { label: 'not all decided', tone: 'warn' };
  return { label: 'decided', tone: 'good' };
}

export const FINDING_COLUMNS = ['Base', 'Other', 'Difference', 'Ratio (interval)', 'p'] as const;

/** The figures of a finding, in the order of `FINDING_COLUMNS`. */
export function findingCells(finding: ComparisonFinding, { unit }: ComparisonMeasure): string[] {
  const { median, difference, ratio, pAdjusted } = finding;
  return [
    withUnit(median.base, unit),
    withUnit(median.other, unit),
    difference === null ? NONE : `${difference.value > 0 ? '+' : ''}${withUnit(difference.value, unit)}`,
    ratio === null
      ? NONE
      : `× ${formatRatio(ratio.value)} (${formatRatio(ratio.low)} to ${formatRatio(ratio.high)})`,
    formatP(pAdjusted),
  ];
}

export function withUnit(value: number | null, unit: string): string {
  return value === null ? NONE : `${formatFigure(value)} ${unit}`;
}

export function formatP(p: number | null): string {
  if (p === null) return NONE;
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.1 || ratio >= 10 ? 3 - Math.ceil(Math.log10(ratio)) : 2);
}

/** What is held against what: `tickTime=2000 against tickTime=500`. */
export function pairName({ arms }: Comparison, arm: number): string {
  return `${arms[arm]?.name ?? ''} against ${arms[0]?.name ?? ''}`;
}

export function measureOf({ measures }: Comparison, { measure }: ComparisonFinding): ComparisonMeasure {
  return (
    measures.find(({ name }) => name === measure) ?? {
      name: measure,
      label: measure,
      unit: 'ms',
      better: 'lower',
    }
  );
}

/** Values of a measure in the rounds of an arm that count. */
export function valuesOf({ rounds }: Comparison, arm: number, measure: string): number[] {
  return rounds.flatMap((round) => {
    const value = counts(round) && round.arm === arm ? round.values[measure] : null;
    return typeof value === 'number' ? [value] : [];
  });
}

export function counts({ excluded }: ComparisonRound): boolean {
  return excluded === null;
}

/** `20 rounds of each, 2 left out`. */
export function roundsInWords({ arms, rounds }: Comparison): string {
  const each = arms.map(
    ({ name }, arm) => `${name} ${rounds.filter((round) => round.arm === arm && counts(round)).length}`,
  );
  const out = rounds.filter((round) => !counts(round)).length;
  return `rounds that count: ${each.join(', ')}${out === 0 ? '' : `; ${out} left out`}`;
}
