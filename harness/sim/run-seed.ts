import { createEnsembleMember } from './ensemble-member.ts';
import { Simulation, type SimulationResult } from './simulation.ts';
import { drawSwarm } from './swarm.ts';

export interface RunSeedOptions {
  readonly trace?: (line: string) => void;
  readonly untilEvent?: number;
}

/** Runs one seed of the ensemble. It needs nothing but the seed and this revision of the code. */
export function runSeed(seed: number, { trace, untilEvent }: RunSeedOptions = {}): SimulationResult {
  return new Simulation({
    config: drawSwarm(seed),
    createServer: createEnsembleMember,
    trace: trace ?? null,
    ...(untilEvent === undefined ? {} : { untilEvent }),
  }).run();
}
