import type { CheckerResult, Verdict } from '../history/verification.ts';

const WEIGHT: Record<Verdict, number> = { valid: 0, unknown: 1, invalid: 2 };

/** The worst of them: valid < unknown < invalid. Of none: unknown, because nothing was looked at. */
export function mergeVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'unknown';
  return verdicts.reduce((worst, verdict) => (WEIGHT[verdict] > WEIGHT[worst] ? verdict : worst));
}

/** What a command exits with: 100 is a history that no correct server can have made, 101 one that can't say. */
export const EXIT_CODE_OF: Readonly<Record<Verdict, 0 | 100 | 101>> = {
  valid: 0,
  invalid: 100,
  unknown: 101,
};

export function verdictOf(checkers: readonly CheckerResult[]): Verdict {
  return mergeVerdicts(checkers.map(({ verdict }) => verdict));
}
