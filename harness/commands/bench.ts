import { Prng } from '../../server/base/prng.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { configFor } from '../nemesis/availability.ts';
import { configForHttp, type HttpWorkload } from '../http/http-workload.ts';
import type { Fault } from '../nemesis/fault.ts';
import { runFaultRounds } from '../nemesis/fault-rounds.ts';
import type { Plan } from '../nemesis/plan/plan.ts';
import { planHash } from '../nemesis/plan/plan-hash.ts';
import { parseClientPlacement } from './client-placement.ts';
import { UsageError } from './exit-code.ts';
import { chooseFault, type FaultChoice, type FaultFlags } from './fault-choice.ts';
import type { LoadChoice } from './flags.ts';
import { loadExercise } from './load-exercise.ts';
import { type LoadRunOptions, runUnderLoad } from './load-run.ts';
import { type Means, withMeans } from './means.ts';
import { choosePlan, faultsIn, planSourceOf } from './plan-choice.ts';
import { playPlan } from './play-plan.ts';
import { describeSystem, planTarget } from './target.ts';

export interface BenchOptions extends FaultFlags, LoadChoice {
  /** See `planTarget`. */
  readonly target?: string | undefined;
  /** See `planSourceOf`. */
  readonly plan?: string | undefined;
  readonly servers?: string | undefined;
  /** See `parseClientPlacement`. */
  readonly clients: string;
  /** Requests to the ports for operators beside the load; null: none. */
  readonly beside: HttpWorkload | null;
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
  const { target, servers, apacheClasspath, workload, seed, generators, lagBudgetMs } = options;
  const { probes, mustHold, beside, runsDirectory, command } = options;
  const isRepeated = options.plan !== undefined || (options.kills ?? options.rounds ?? 0) > 1;
  const base = {
    ...(isRepeated ? SMALL_LOGS : {}),
    ...(beside === null ? {} : configForHttp(beside)),
    ...options.config,
  };
  const asked = { name: target, servers, config: base, apacheClasspath };
  const possible = planTarget(asked);
  const durationMs = workload.durationS * 1000;
  const plan = planFromFlags(options, { target: possible, seed, durationMs });
  const choice = plan === null ? chooseFault(options, possible) : null;
  const faults = plan === null ? faultsOf(choice) : faultsIn(plan);
  const clients = parseClientPlacement(options.clients, possible.serverCount);
  const config = { ...configFor(faults), ...base };
  const silenceLimitMs = silenceLimitMsOf(config);
  return withMeans({ faults, seed }, ({ network, controls }) =>
    runUnderLoad(
      faults.length === 0 ? possible : planTarget({ ...asked, config, through: network?.router, controls }),
      {
        exercise: loadExercise({ workload, seed, generators, lagBudgetMs, clients }),
        probes,
        beside,
        mustHold,
        runsDirectory,
        command,
        config: {
          target: describeSystem(possible),
          config: options.config,
          fault: choice?.fault.name,
          rounds: choice?.rounds ?? 0,
          ...(beside === null ? {} : { beside }),
          ...(plan === null ? {} : { plan, planHash: planHash(plan) }),
        },
        disturb: disturbance({ network, controls }),
      },
    ),
  );

  function disturbance(means: Means): LoadRunOptions['disturb'] {
    if (faults.length === 0) return null;
    if (plan !== null) return (load, tools) => playPlan(load, { plan, silenceLimitMs, ...means }, tools);
    return (
      choice &&
      ((load, { ensemble, note, onRound }) =>
        runFaultRounds(load, {
          ...choice,
          ...means,
          ensemble,
          durationMs,
          silenceLimitMs,
          prng: new Prng(seed).fork('crashes'),
          note,
          onRound,
        }))
    );
  }
}

/** Null where there is none. @throws UsageError */
function planFromFlags(
  { plan, fault, rounds, kills }: BenchOptions,
  options: Parameters<typeof choosePlan>[1],
): Plan | null {
  if (plan === undefined) return null;
  if (fault !== undefined || rounds !== undefined || kills !== undefined) {
    throw new UsageError(
      `--plan ${plan}: it says what is done and how often; leave --fault, --rounds and --kills out`,
    );
  }
  const source = planSourceOf(plan);
  if (source.type === 'file' && source.document.run !== null) {
    throw new UsageError(
      `--plan ${plan}: it says under what it is played, which is a run of chaos; ` +
        `say npm run chaos -- --plan ${plan}, or take "run" out of it`,
    );
  }
  return choosePlan(source, options);
}

function faultsOf(choice: FaultChoice | null): Fault[] {
  return choice === null ? [] : [choice.fault];
}
