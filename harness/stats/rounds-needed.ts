import { upperQuantile } from './normal.ts';

/** How often a difference is seen with so many rounds, if it is as large as it looks now. */
const POWER = 0.8;

/**
 * Of each arm, until Mann and Whitney's test with this α is likely to see that one arm's values are larger in this share
 * of the pairs (Noether 1987). Infinite for a half.
 */
export function roundsToSeeDifference(superiority: number, alpha: number): number {
  const z = upperQuantile(alpha / 2) + upperQuantile(1 - POWER);
  return z ** 2 / (6 * (superiority - 0.5) ** 2);
}

/**
 * Of each arm, until an interval of so many `rounds` is narrower by this factor: its width falls with the root of them.
 */
export function roundsToNarrow(factor: number, rounds: number): number {
  return rounds * factor ** 2;
}
