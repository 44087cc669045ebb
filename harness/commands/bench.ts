import { Prng } from '../../server/base/prng.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { runFaultRounds } from '../nemesis/fault-rounds.ts';
import { parseClientPlacement } from './client-placement.ts';
import { chooseFault, type FaultFlags } from './fault-choice.ts';
import type { LoadChoice } from './flags.ts';
import { loadExercise } from './load-exercise.ts';
import { runUnderLoad } from './load-run.ts';
import { planTarget } from './target.ts';

export interface BenchOptions extends FaultFlags, LoadChoice {
  /** See `planTarget`. */
  readonly target?: string | undefined;
  readonly servers?: string | undefined;
  /** See `parseClientPlacement`. */
  readonly clients: string;
  /** As typed, for the report. */
  readonly command: readonly string[];
}

/** Of many kills, each of which leaves a log file behind, prepared ahead of its use. */
const SMALL_LOGS = { preAllocSize: '1024' };

/**
 * The main job: start the system under test, load it, break it and mend it under load, read everything back, judge
 * the whole history, write the report. Returns the exit code.
 *
 * @throws UsageError before anything is made or started.
 */
export async function runBench(options: BenchOptions): Promise<number> {
  const { target, servers, apacheClasspath, workload, seed, generators, probes, runsDirectory, command } =
    options;
  const isRepeated = (options.kills ?? options.rounds ?? 0) > 1;
  const config = isRepeated ? { ...SMALL_LOGS, ...options.config } : options.config;
  const plan = planTarget({ name: target, servers, config, apacheClasspath });
  const choice = chooseFault(options, plan);
  const clients = parseClientPlacement(options.clients, plan.serverCount);
  return runUnderLoad(plan, {
    exercise: loadExercise({ workload, seed, generators, clients }),
    probes,
    runsDirectory,
    command,
    config: {
      target,
      servers,
      config: options.config,
      fault: choice?.fault.name,
      rounds: choice?.rounds ?? 0,
    },
    disturb:
      choice &&
      ((load, { ensemble, note, onRound }) =>
        runFaultRounds(load, {
          ...choice,
          ensemble,
          durationMs: workload.durationS * 1000,
          silenceLimitMs: silenceLimitMsOf(config),
          prng: new Prng(seed).fork('crashes'),
          note,
          onRound,
        })),
  });
}
