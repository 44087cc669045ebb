import type { ComparisonRound } from '../history/comparison-schema.ts';
import { median } from '../stats/quantile.ts';
import type { Measure } from './measures.ts';

/** By so much of what an arm usually takes its instrument may be late. */
const LATE_SHARE_MAX = 0.1;

/**
 * The same rounds without the values whose instrument came too late for them: by more than it is exact to, and by more
 * than a tenth of what the quickest arm usually takes. The limit is one for all rounds, whatever their own value is: to
 * leave out short ones sooner than long ones would make an arm look slower than it is.
 */
export function leaveOutLate(
  rounds: readonly ComparisonRound[],
  measures: readonly Pick<Measure, 'name' | 'resolution'>[],
): ComparisonRound[] {
  const limits = measures.map(({ name, resolution }) => [name, limitOf(rounds, name, resolution)] as const);
  return rounds.map((round) => {
    const late = limits.filter(
      ([name, limit]) => typeof round.values[name] === 'number' && (round.lateMs[name] ?? 0) > limit,
    );
    if (late.length === 0) return round;
    const why = ([name]: (typeof late)[number]): string =>
      `its instrument came up to ${Math.round(round.lateMs[name] ?? 0)} ms late`;
    return {
      ...round,
      values: { ...round.values, ...Object.fromEntries(late.map(([name]) => [name, null])) },
      doubts: { ...round.doubts, ...Object.fromEntries(late.map((each) => [each[0], why(each)])) },
    };
  });
}

function limitOf(rounds: readonly ComparisonRound[], name: string, resolution: number): number {
  const byArm = new Map<number, number[]>();
  for (const { arm, values } of rounds) {
    const value = values[name];
    if (typeof value === 'number') byArm.set(arm, [...(byArm.get(arm) ?? []), value]);
  }
  const usual = [...byArm.values()].map(median);
  return Math.max(resolution, LATE_SHARE_MAX * Math.min(...usual, Infinity));
}
