import { Prng } from '../../server/base/prng.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { LoadControl } from '../load/run-load.ts';
import { runRound } from '../nemesis/fault-rounds.ts';
import type { Fault } from '../nemesis/fault.ts';
import { FAULTS } from '../nemesis/faults.ts';
import { RECIPES } from '../recipes/recipes.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { type DisturbanceTools, runUnderLoad } from './load-run.ts';
import type { ProbeChoice } from './run-probes.ts';
import { recipeExercise } from './recipe-exercise.ts';
import { planTarget } from './target.ts';

export interface ChaosOptions {
  /** A recipe's name. */
  readonly workload: string;
  /** Names of faults; all that these servers can have unless told. */
  readonly faults: readonly string[] | undefined;
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
  const { target, servers, config, apacheClasspath, probes, runsDirectory, command, timeS, seed } = options;
  const recipe = recipeCalled(options.workload);
  const plan = planTarget({ name: target, servers, config, apacheClasspath });
  if (recipe.isForTheModelAlone === true && !plan.canCrash) {
    throw new UsageError(
      `--workload ${recipe.name}: it is judged by the servers' logs, which are not at hand for ${target}; choose another`,
    );
  }
  const faults = plan.canCrash ? faultsFor(options.faults, plan.serverCount) : refuseFaults(options.faults);
  return runUnderLoad(plan, {
    exercise: recipeExercise({
      recipe,
      seed,
      durationMs: timeS * 1000,
      participants: options.participants ?? recipe.participants,
      rate: options.rate ?? recipe.rate,
      sessionTimeoutMs: options.sessionTimeoutMs,
    }),
    probes,
    runsDirectory,
    command,
    config: { target, servers, config, faults: faults.map(({ name }) => name), timeS },
    disturb:
      faults.length === 0
        ? null
        : (load, tools) =>
            disturb(load, {
              ...tools,
              faults,
              untilMs: load.nowMs() + timeS * 1000,
              silenceLimitMs: silenceLimitMsOf(config),
              prng: new Prng(seed).fork('faults'),
            }),
  });
}

/** `chaos --list`. */
export function listChaos(print: (line: string) => void): ExitCode {
  print('Workloads:');
  for (const { name, doc } of RECIPES.values()) print(`  ${name.padEnd(20)}${doc}`);
  print('Faults:');
  for (const { name, doc } of FAULTS.values()) print(`  ${name.padEnd(20)}${doc}`);
  return ExitCode.passed;
}

async function disturb(
  load: LoadControl,
  plan: DisturbanceTools & {
    readonly faults: readonly Fault[];
    readonly untilMs: number;
    readonly silenceLimitMs: number;
    readonly prng: Prng;
  },
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

function faultsFor(names: readonly string[] | undefined, serverCount: number): Fault[] {
  if (names === undefined) return [...FAULTS.values()].filter(({ needs }) => needs.serversMin <= serverCount);
  return names.map((name) => {
    const fault = FAULTS.get(name);
    if (fault === undefined)
      throw new UsageError(
        `--faults ${name}: there is no such one; give some of ${[...FAULTS.keys()].join(', ')}`,
      );
    if (fault.needs.serversMin > serverCount)
      throw new UsageError(
        `--faults ${name}: it takes ${fault.needs.serversMin} servers, and there are ${serverCount}`,
      );
    return fault;
  });
}

function refuseFaults(names: readonly string[] | undefined): [] {
  if (names === undefined) return [];
  throw new UsageError(
    '--faults: the servers of this target are not ours to break; leave --faults out to play the workload alone',
  );
}
