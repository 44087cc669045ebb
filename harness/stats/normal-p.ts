import { upperTail } from './normal.ts';
import type { TieGroup } from './tie-groups.ts';

/**
 * The same as `permutationP`, by the normal distribution that U comes near with many values, with half a step for
 * continuity and a smaller variance for ties (Lehmann 1975).
 */
export function normalP(groups: readonly TieGroup[], doubledU: number): number {
  const base = groups.reduce((sum, group) => sum + group.base, 0);
  const other = groups.reduce((sum, group) => sum + group.other, 0);
  const all = base + other;
  const ties = groups.reduce((sum, group) => sum + cubeLess(group.base + group.other), 0);
  const variance = ((base * other) / 12) * (all + 1 - ties / (all * (all - 1)));
  const distance = Math.abs(doubledU - base * other) / 2 - 0.5;
  // Where all values are the same there is no variance, and no distance either.
  return distance <= 0 ? 1 : Math.min(1, 2 * upperTail(distance / Math.sqrt(variance)));
}

function cubeLess(tied: number): number {
  return tied ** 3 - tied;
}
