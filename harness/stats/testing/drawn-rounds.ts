import type { Prng } from '../../../server/base/prng.ts';
import type { ArmValues } from '../compare-arms.ts';

/** Stands in for an ensemble that a fault befalls round after round. */
export interface DrawnArm {
  /** What its median is multiplied by, by measure; 1 where nothing is said. */
  readonly slowdown?: Readonly<Record<string, number>>;
}

export interface DrawnMeasure {
  readonly name: string;
  /** Of single rounds, relative: 0.05. */
  readonly scatter: number;
}

/** How much of a round's luck its measures share: a slow election makes all of them late. */
const SHARED = 0.7;

/** The values of so many rounds of an arm; all measures of a round hang together. */
export function drawnRounds(
  rounds: number,
  measures: readonly DrawnMeasure[],
  { slowdown = {} }: DrawnArm,
  prng: Prng,
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
