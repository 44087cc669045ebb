import type { ComparisonMeasure } from '../history/comparison-schema.ts';
import type { Night, NightBench, TrendFinding } from '../history/night-schema.ts';
import { median } from '../stats/quantile.ts';

/** So many of the last nights are what this one is held against. */
const NIGHTS_MAX = 7;
/** With fewer nobody knows what is usual. */
const NIGHTS_MIN = 3;
/** By name: the factor by which a figure has to be worse than usual. Machines of others are not that steady. */
const FACTORS: Readonly<Record<string, number>> = { throughput: 1.25, p99: 1.5, 'write-gap': 1.5 };
/** What matters less is shown, and does not fail a night. */
const JUDGED = Object.keys(FACTORS);

/** A measure, and the difference below which there is none. */
export type TrendMeasure = ComparisonMeasure & { readonly resolution: number };

export type Tonight = Pick<Night, 'bench' | 'environment'>;

/**
 * Whether the figures of a night are worse than those of the nights before: of the last seven good nights on such a machine
 * with the same settings, three at least, the median of their medians, and by more than a factor of its own for each measure.
 *
 * This is the one place that knows how nights are compared: a test over all their rounds would go here.
 */
export function judgeTrend(
  tonight: Tonight,
  before: readonly Night[],
  measures: readonly TrendMeasure[],
): TrendFinding[] {
  const alike = before.filter((night) => isGood(night) && areAlike(night, tonight)).slice(-NIGHTS_MAX);
  return measures
    .filter(({ name }) => JUDGED.includes(name))
    .map((measure) => {
      const usual = alike.flatMap((night) => valueOf(night.bench, measure.name) ?? []);
      return findingOf(measure, valueOf(tonight.bench, measure.name), usual);
    });
}

/** The night's figure: the median over its rounds. Null where none came to it. */
export function valueOf({ rounds }: NightBench, measure: string): number | null {
  const values = rounds.flatMap((round) => round[measure] ?? []);
  return values.length === 0 ? null : median(values);
}

function findingOf(
  { name, label, unit, better, resolution }: TrendMeasure,
  value: number | null,
  usual: readonly number[],
): TrendFinding {
  const common = { measure: name, label, unit, better, value, nights: usual.length };
  if (value === null || usual.length < NIGHTS_MIN) {
    const why =
      value === null
        ? 'it was not measured'
        : `${usual.length} of ${NIGHTS_MIN} nights that it takes to be held against`;
    return { ...common, baseline: null, ratio: null, verdict: 'unjudged', sentence: `${label}: ${why}.` };
  }
  const baseline = median(usual);
  const ratio = baseline === 0 ? null : value / baseline;
  const verdict = verdictOf({
    value,
    baseline,
    isLowerBetter: better === 'lower',
    factor: FACTORS[name] ?? 1,
    resolution,
  });
  const times = ratio === null ? '' : `, × ${ratio.toFixed(2)}`;
  return {
    ...common,
    baseline,
    ratio,
    verdict,
    sentence: `${label}: ${verdict}, ${rounded(value)} ${unit} where ${rounded(baseline)} is usual${times}.`,
  };
}

function verdictOf({
  value,
  baseline,
  isLowerBetter,
  factor,
  resolution,
}: {
  readonly value: number;
  readonly baseline: number;
  readonly isLowerBetter: boolean;
  readonly factor: number;
  readonly resolution: number;
}): TrendFinding['verdict'] {
  const [high, low] = [Math.max(value, baseline), Math.min(value, baseline)];
  if (high <= low * factor || high - low <= resolution) return 'equal';
  return value > baseline === isLowerBetter ? 'worse' : 'better';
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** One with a planted bug, or that failed, or that could not have failed, is no measure of anything. */
function isGood({ mutant, verdict }: Night): boolean {
  return mutant === null && verdict.passed && verdict.valid;
}

function areAlike(one: Tonight, other: Tonight): boolean {
  return (
    machineOf(one) === machineOf(other) && one.bench.settings.join(' ') === other.bench.settings.join(' ')
  );
}

function machineOf({ environment }: Tonight): string {
  if (environment === null) return '';
  const { cpu, node, platform, arch } = environment;
  return [cpu.model, cpu.logical, platform, arch, node.split('.')[0]].join(' ');
}
