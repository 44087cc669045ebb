import { type ArmValues, compareArms, type Finding, isDecided, type MeasureRule } from '../compare-arms.ts';
import { alphaOfLook, plannedLooks } from '../looks.ts';

/** Looks as it is planned to, and ends when nothing is undecided, or with all rounds. */
export function playedComparison(
  measures: readonly MeasureRule[],
  arms: readonly ArmValues[],
  plan: { readonly alpha: number; readonly roundsMax: number },
): { readonly findings: readonly Finding[]; readonly rounds: number } {
  let findings: Finding[] = [];
  let rounds = 0;
  for (const look of plannedLooks(plan.roundsMax)) {
    const alpha = alphaOfLook(plan, look, rounds);
    rounds = look;
    findings = compareArms({ measures, arms: arms.map((arm) => firstRounds(arm, rounds)), alpha });
    if (isDecided(findings)) break;
  }
  return { findings, rounds };
}

function firstRounds(arm: ArmValues, rounds: number): ArmValues {
  return Object.fromEntries(Object.entries(arm).map(([name, values]) => [name, values.slice(0, rounds)]));
}
