import { assert } from '../../server/base/assert.ts';
import { normalP } from './normal-p.ts';
import { permutationP } from './permutation-p.ts';
import { tieGroups } from './tie-groups.ts';

/** Up to so many pairs of values it is counted, which takes some milliseconds: 31 and 31. */
const COUNTED_PAIRS_MAX = 1_000;

export interface MannWhitney {
  /**
   * The probability of superiority: in which share of the pairs, one of each arm, that of `other` is larger; equal ones
   * are half. From 0, all are smaller, to 1. It is U over the number of pairs; Cliff's delta is 2·superiority − 1.
   */
  readonly superiority: number;
  /** Two-sided, 0 < p ≤ 1: how often equal arms are as far apart as these, or farther. */
  readonly p: number;
}

/**
 * Whether two arms differ, by nothing but the order of their values (Mann and Whitney 1947). Each has at least one;
 * `Infinity` is larger than all others. `p` is exact, with ties too, up to a thousand pairs, from there on the normal
 * approximation.
 */
export function mannWhitney(base: readonly number[], other: readonly number[]): MannWhitney {
  assert(base.length > 0 && other.length > 0, 'a test of an arm without a value');
  const groups = tieGroups(base, other);
  const pairs = base.length * other.length;
  let doubledU = 0;
  let smaller = 0;
  for (const group of groups) {
    doubledU += group.other * (2 * smaller + group.base);
    smaller += group.base;
  }
  const p = pairs <= COUNTED_PAIRS_MAX ? permutationP(groups, doubledU) : normalP(groups, doubledU);
  return { superiority: doubledU / (2 * pairs), p };
}

/** What `p` of arms of these sizes cannot be below. */
export function smallestP(base: number, other: number): number {
  // Two of all choices of one arm from both put all of it on one side.
  let p = 2;
  for (let k = 1; k <= Math.min(base, other); k++) p *= k / (Math.max(base, other) + k);
  return Math.min(1, p);
}
