import type { Prng } from '../../../server/base/prng.ts';
import type { ArmValues } from '../compare-arms.ts';

export interface DrawnMeasure {
  readonly name: string;
  /** Of single rounds, relative: 0.05. */
  readonly scatter: number;
}

/** How much of a round's luck its measures share: a slow election makes all of them late. */
const SHARED = 0.7;

/**
 * Stands in for an ensemble that a fault befalls round after round: values around 200, log-normal, those of a round hanging
 * together. `slowdown`: what a measure is multiplied by, if anything.
 */
export function drawnRounds(
  rounds: number,
  measures: readonly DrawnMeasure[],
  prng: Prng,
  slowdown: Readonly<Record<string, number>> = {},
): ArmValues {
  const values = Object.fromEntries(measures.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const shared = normal(prng);
    for (const { name, scatter } of measures) {
      const own = SHARED * shared + Math.sqrt(1 - SHARED ** 2) * normal(prng);
      values[name]?.push(200 * (slowdown[name] ?? 1) * Math.exp(scatter * own));
    }
  }
  return values;
}

/** Standard normal, by Box and Muller. */
export function normal(prng: Prng): number {
  return Math.sqrt(-2 * Math.log(1 - prng.next())) * Math.cos(2 * Math.PI * prng.next());
}
