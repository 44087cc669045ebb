import type { TieGroup } from './tie-groups.ts';

/**
 * How often, of all ways to deal the values out to two arms of these sizes, U lies at least as far from its mean as
 * `doubledU` / 2. Counted, not approximated, and so with ties, too: the permutation test given the values (Mann and
 * Whitney 1947, by the recursion over values of which each may be of either arm; Lehmann 1975 for ties).
 */
export function permutationP(groups: readonly TieGroup[], doubledU: number): number {
  const { sizes, mean } = sizesOf(groups);
  const ways = waysByDoubledU(groups, sizes);
  const distance = Math.abs(doubledU - mean);
  let all = 0;
  let asFar = 0;
  ways.forEach((count, u) => {
    all += count;
    if (Math.abs(u - mean) >= distance) asFar += count;
  });
  return asFar / all;
}

interface Sizes {
  /** The arm with fewer values: there is less to count for it. */
  readonly chosen: number;
  readonly rest: number;
}

function sizesOf(groups: readonly TieGroup[]): { sizes: Sizes; mean: number } {
  const base = groups.reduce((sum, group) => sum + group.base, 0);
  const other = groups.reduce((sum, group) => sum + group.other, 0);
  return { sizes: { chosen: Math.min(base, other), rest: Math.max(base, other) }, mean: base * other };
}

/** Doubled, so that U of ties is whole. */
function waysByDoubledU(groups: readonly TieGroup[], { chosen, rest }: Sizes): Float64Array {
  // By how many of the values seen so far are chosen.
  const rows = Array.from({ length: chosen + 1 }, () => new Float64Array(2 * chosen * rest + 1));
  (rows[0] as Float64Array)[0] = 1;
  let seen = 0;
  for (const { base, other } of groups) {
    const tied = base + other;
    const next = Math.min(chosen, seen + tied);
    // From above: what a row takes from those below it is what they were before this group.
    for (let to = next; to > 0; to--) {
      for (let taken = 1, choices = tied; taken <= Math.min(tied, to); taken++) {
        const from = to - taken;
        const restBefore = seen - from;
        if (restBefore >= 0 && restBefore + tied - taken <= rest) {
          const step = taken * (2 * restBefore + tied - taken);
          addShifted(rows[to] as Float64Array, rows[from] as Float64Array, {
            step,
            times: choices,
            last: 2 * from * restBefore,
          });
        }
        choices *= (tied - taken) / (taken + 1);
      }
    }
    seen += tied;
  }
  return rows[chosen] as Float64Array;
}

function addShifted(
  to: Float64Array,
  from: Float64Array,
  { step, times, last }: { readonly step: number; readonly times: number; readonly last: number },
): void {
  for (let u = 0; u <= last; u++) to[u + step] = (to[u + step] as number) + times * (from[u] as number);
}
