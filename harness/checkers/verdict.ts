import type { CheckerResult, Verdict } from '../history/verification.ts';

const WEIGHT: Record<Verdict, number> = { valid: 0, unknown: 1, invalid: 2 };

/** The worst of them: valid < unknown < invalid. Of none: unknown, because nothing was looked at. */
export function mergeVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'unknown';
  return verdicts.reduce((worst, verdict) => (WEIGHT[verdict] > WEIGHT[worst] ? verdict : worst));
}

export function verdictOf(checkers: readonly CheckerResult[]): Verdict {
  return mergeVerdicts(checkers.map(({ verdict }) => verdict));
}
