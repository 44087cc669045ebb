import type { Prng } from '../../server/base/prng.ts';

export interface MatrixCell {
  readonly workload: string;
  readonly fault: string;
}

/**
 * Every workload with every fault, once each, in an order drawn from `prng`. However soon somebody stops, the workloads
 * have come up equally often, and so have the faults, give or take one.
 */
export function* matrixOf({
  workloads,
  faults,
  prng,
}: {
  readonly workloads: readonly string[];
  readonly faults: readonly string[];
  readonly prng: Prng;
}): Generator<MatrixCell, void> {
  const columns = shuffled(workloads, prng);
  const rows = shuffled(faults, prng);
  const total = columns.length * rows.length;
  // Down the diagonals. Each is as long as the longer side, so that it ends where the next begins one further on.
  const period = leastCommonMultiple(columns.length, rows.length);
  for (let i = 0; i < total; i++) {
    const workload = columns[i % columns.length] as string;
    const fault = rows[(i + Math.floor(i / period)) % rows.length] as string;
    yield { workload, fault };
  }
}

function shuffled(items: readonly string[], prng: Prng): string[] {
  const order = [...items];
  for (let left = order.length - 1; left > 0; left--) {
    const at = prng.below(left + 1);
    [order[left], order[at]] = [order[at] as string, order[left] as string];
  }
  return order;
}

function leastCommonMultiple(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b > 0) [a, b] = [b, a % b];
  return (one * other) / a;
}
