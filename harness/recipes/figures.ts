import type { Figures } from './recipe.ts';

/** Count, median, 99th percentile and maximum; of nothing, the count alone. `unit` stands at the end of the names. */
export function summaryOf(name: string, unit: string, values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (fraction: number): number => sorted[Math.ceil(fraction * sorted.length) - 1] as number;
  if (sorted.length === 0) return { [`${name} count`]: 0 };
  return {
    [`${name} count`]: sorted.length,
    [`${name} p50 ${unit}`]: at(0.5),
    [`${name} p99 ${unit}`]: at(0.99),
    [`${name} max ${unit}`]: at(1),
  };
}
