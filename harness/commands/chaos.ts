import { Prng } from '../../server/base/prng.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { LoadControl } from '../load/run-load.ts';
import { runRound } from '../nemesis/fault-rounds.ts';
import type { Fault } from '../nemesis/fault.ts';
import { FAULT_GROUPS, FAULTS } from '../nemesis/faults.ts';
import type { ProxiedNetwork } from '../toxiproxy/proxied-network.ts';
import { RECIPES } from '../recipes/recipes.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { type DisturbanceTools, runUnderLoad } from './load-run.ts';
import type { ProbeChoice } from './run-probes.ts';
import { recipeExercise } from './recipe-exercise.ts';
import { withNetwork } from './network.ts';
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
  const asked = { name: target, servers, config, apacheClasspath };
  const plan = planTarget(asked);
  if (recipe.isForTheModelAlone === true && !plan.canCrash) {
    throw new UsageError(
      `--workload ${recipe.name}: it is judged by the servers' logs, which are not at hand for ${target}; choose another`,
    );
  }
  const faults = plan.canCrash ? faultsFor(options.faults, plan.serverCount) : refuseFaults(options.faults);
  const isNeeded = faults.some(({ needs }) => needs.network === true);
  return withNetwork({ isNeeded, seed }, (network) =>
    runUnderLoad(planTarget({ ...asked, through: network?.router }), {
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
                network,
              }),
    }),
  );
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
    readonly network: ProxiedNetwork | null;
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

/** A group is for those of it that so many servers can have. */
function faultsFor(names: readonly string[] | undefined, serverCount: number): Fault[] {
  const isPossible = ({ needs }: Fault): boolean => needs.serversMin <= serverCount;
  if (names === undefined) return [...FAULTS.values()].filter(isPossible);
  const faults = names.flatMap((name): readonly Fault[] => {
    const group = FAULT_GROUPS.get(name);
    const fault = FAULTS.get(name);
    if (fault === undefined && group === undefined) {
      const known = [...FAULT_GROUPS.keys(), ...FAULTS.keys()].join(', ');
      throw new UsageError(`--faults ${name}: there is no such one; give some of ${known}`);
    }
    const possible = (group ?? [fault as Fault]).filter(isPossible);
    if (possible.length > 0) return possible;
    const serversMin = Math.min(...(group ?? [fault as Fault]).map(({ needs }) => needs.serversMin));
    throw new UsageError(`--faults ${name}: it takes ${serversMin} servers, and there are ${serverCount}`);
  });
  return [...new Set(faults)];
}

function refuseFaults(names: readonly string[] | undefined): [] {
  if (names === undefined) return [];
  throw new UsageError(
    '--faults: the servers of this target are not ours to break; leave --faults out to play the workload alone',
  );
}
