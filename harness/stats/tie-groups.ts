/** How many of either arm have one and the same value. */
export interface TieGroup {
  readonly base: number;
  readonly other: number;
}

/** All values of both arms, the smallest first: nothing but their order counts in a test of ranks. */
export function tieGroups(base: readonly number[], other: readonly number[]): TieGroup[] {
  const values = Float64Array.from([...base, ...other]).sort();
  const counts = new Map([...values].map((value) => [value, { base: 0, other: 0 }]));
  for (const [arm, own] of [
    ['base', base],
    ['other', other],
  ] as const) {
    for (const value of own) {
      const group = counts.get(value);
      if (group !== undefined) group[arm]++;
    }
  }
  return [...counts.values()];
}
