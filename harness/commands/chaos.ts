import { Prng } from '../../server/base/prng.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { LoadControl } from '../load/run-load.ts';
import { configFor, whyNotTogether, whyUnavailable } from '../nemesis/availability.ts';
import { runRound } from '../nemesis/fault-rounds.ts';
import type { Plan } from '../nemesis/plan/plan.ts';
import { planHash } from '../nemesis/plan/plan-hash.ts';
import type { RunSettings } from '../nemesis/plan/run-settings.ts';
import type { Fault } from '../nemesis/fault.ts';
import { FAULT_GROUPS, FAULTS } from '../nemesis/faults.ts';
import { RECIPES } from '../recipes/recipes.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { type DisturbanceTools, type LoadRunOptions, runUnderLoad } from './load-run.ts';
import { choosePlan, faultsIn, type PlanSource } from './plan-choice.ts';
import { playPlan } from './play-plan.ts';
import type { ProbeChoice } from './run-probes.ts';
import { recipeExercise } from './recipe-exercise.ts';
import { type Means, withMeans } from './means.ts';
import { planTarget, type TargetPlan } from './target.ts';
import { NO_THRESHOLDS } from './threshold-choice.ts';

export interface ChaosOptions {
  /** A recipe's name. */
  readonly workload: string;
  /** Names of faults; all that these servers can have unless told. */
  readonly faults: readonly string[] | undefined;
  /** Instead of one fault after the other. */
  readonly plan?: PlanSource | undefined;
  readonly timeS: number;
  readonly seed: number;
  readonly participants: number | undefined;
  /** Steps a second of each participant. */
  readonly rate: number | undefined;
  readonly sessionTimeoutMs: number;
  /** See `planTarget`. */
  readonly target: string | undefined;
  readonly servers: string | undefined;
  readonly config: Readonly<Record<string, string>>;
  readonly apacheClasspath: string | undefined;
  /** Null: none. */
  readonly probes: ProbeChoice | null;
  readonly runsDirectory: string;
  /** As typed, for the report. */
  readonly command: readonly string[];
}

/** Between one fault and the next, while all is well. */
const CALM_MIN_MS = 300;
const CALM_MAX_MS = 3_000;

/**
 * Clients use the ensemble as people do while it is broken and mended, one fault after the other in an order drawn from
 * the seed; then all is healed, everything is read back, and what every client was told is judged. Returns the exit code.
 *
 * @throws UsageError before anything is made or started.
 */
export async function runChaos(options: ChaosOptions): Promise<number> {
  const { target, servers, apacheClasspath, probes, runsDirectory, command, timeS, seed } = options;
  const recipe = recipeCalled(options.workload);
  const asked = { name: target, servers, config: options.config, apacheClasspath };
  const plan = planTarget(asked);
  if (recipe.isForTheModelAlone === true && !plan.canCrash) {
    throw new UsageError(
      `--workload ${recipe.name}: it is judged by the servers' logs, which are not at hand for ${target}; choose another`,
    );
  }
  const some = plan.canCrash ? faultsFor(options.faults, plan) : refuseFaults(options.faults);
  const durationMs = timeS * 1000;
  const planned = planFromFlags(options, { target: plan, seed, durationMs, faults: some });
  const faults = planned === null ? some : faultsIn(planned);
  const config = { ...configFor(faults), ...options.config };
  const silenceLimitMs = silenceLimitMsOf(config);
  const participants = options.participants ?? recipe.participants;
  const rate = options.rate ?? recipe.rate;
  const { sessionTimeoutMs } = options;
  return withMeans({ faults, seed }, ({ network, controls }) =>
    runUnderLoad(planTarget({ ...asked, config, through: network?.router, controls }), {
      exercise: recipeExercise({ recipe, seed, durationMs, participants, rate, sessionTimeoutMs }),
      probes,
      mustHold: NO_THRESHOLDS,
      runsDirectory,
      command,
      config: {
        run: { ...settingsOf(options), participants, rate },
        faults: faults.map(({ name }) => name),
        ...(planned === null ? {} : { plan: planned, planHash: planHash(planned) }),
      },
      disturb: disturbance({ network, controls }),
    }),
  );

  function disturbance(means: Means): LoadRunOptions['disturb'] {
    if (faults.length === 0) return null;
    if (planned !== null)
      return (load, tools) => playPlan(load, { plan: planned, silenceLimitMs, ...means }, tools);
    return (load, tools) =>
      disturb(load, {
        ...tools,
        ...means,
        faults,
        untilMs: load.nowMs() + durationMs,
        silenceLimitMs,
        prng: new Prng(seed).fork('faults'),
      });
  }
}

/** As the file of a plan would say them. */
function settingsOf({
  workload,
  participants,
  rate,
  sessionTimeoutMs,
  ...options
}: ChaosOptions): RunSettings {
  const { timeS, seed, target, servers, apacheClasspath, config, probes } = options;
  return {
    workload,
    participants,
    rate,
    sessionTimeoutMs,
    timeS,
    seed,
    target,
    servers,
    apacheClasspath,
    config,
    probes,
  };
}

/** Null where there is none. With `--faults` it is drawn from these. @throws UsageError */
function planFromFlags(
  { plan, faults }: ChaosOptions,
  options: Parameters<typeof choosePlan>[1],
): Plan | null {
  if (plan === undefined) return null;
  return choosePlan(plan, { ...options, faults: faults === undefined ? undefined : options.faults });
}

/** `chaos --list`. */
export function listChaos(print: (line: string) => void): ExitCode {
  print('Workloads:');
  for (const { name, doc } of RECIPES.values()) print(`  ${name.padEnd(24)}${doc}`);
  print('Faults:');
  for (const { name, doc } of FAULTS.values()) print(`  ${name.padEnd(24)}${doc}`);
  print('Groups of faults:');
  for (const [name, faults] of FAULT_GROUPS)
    print(`  ${name.padEnd(24)}${faults.map((fault) => fault.name).join(', ')}`);
  return ExitCode.passed;
}

async function disturb(
  load: LoadControl,
  plan: DisturbanceTools & {
    readonly faults: readonly Fault[];
    readonly untilMs: number;
    readonly silenceLimitMs: number;
    readonly prng: Prng;
  } & Means,
): Promise<void> {
  const { faults, untilMs, prng, note } = plan;
  for (;;) {
    await pause(CALM_MIN_MS + prng.next() * (CALM_MAX_MS - CALM_MIN_MS), load.signal);
    if (load.signal.aborted || load.nowMs() >= untilMs) return;
    const fault = faults[prng.below(faults.length)] as Fault;
    const round = await runRound(load, plan, { fault, mayHitAgain: true });
    if (round === null) return;
    const took =
      round.rejoinedAtMs === null ? '' : `, all serve after ${ms(round.rejoinedAtMs - round.injectedAtMs)}`;
    note(`${round.label}${took}`);
  }
}

function ms(length: number): string {
  return `${Math.round(length)} ms`;
}

function recipeCalled(name: string): Recipe {
  const recipe = RECIPES.get(name);
  if (recipe !== undefined) return recipe;
  throw new UsageError(
    `--workload ${name}: there is no such one; give one of ${[...RECIPES.keys()].join(', ')}`,
  );
}

/**
 * A group is for those of it that these servers can have; unless told it is all of them but those that take lines of
 * zoo.cfg, which not every run has.
 */
function faultsFor(names: readonly string[] | undefined, plan: TargetPlan): Fault[] {
  if (names === undefined)
    return [...FAULTS.values()].filter(
      (fault) => fault.needs.config === undefined && whyUnavailable(fault, plan.field) === null,
    );
  const faults = names.flatMap((name): readonly Fault[] => {
    const fault = FAULTS.get(name);
    const group = FAULT_GROUPS.get(name) ?? (fault === undefined ? [] : [fault]);
    if (group.length === 0) {
      const known = [...FAULT_GROUPS.keys(), ...FAULTS.keys()].join(', ');
      throw new UsageError(`--faults ${name}: there is no such one; give some of ${known}`);
    }
    const possible = group.filter((each) => whyUnavailable(each, plan.field) === null);
    if (possible.length === 0)
      throw new UsageError(`--faults ${name}: ${whyUnavailable(group[0] as Fault, plan.field)}`);
    return possible;
  });
  const why = whyNotTogether(faults);
  if (why !== null) throw new UsageError(`--faults ${why}`);
  return [...new Set(faults)];
}

function refuseFaults(names: readonly string[] | undefined): [] {
  if (names === undefined) return [];
  throw new UsageError(
    '--faults: the servers of this target are not ours to break; leave --faults out to play the workload alone',
  );
}
