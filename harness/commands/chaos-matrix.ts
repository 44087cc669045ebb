import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Prng } from '../../server/base/prng.ts';
import { whyUnavailable } from '../nemesis/availability.ts';
import { FAULTS } from '../nemesis/faults.ts';
import { RECIPES } from '../recipes/recipes.ts';
import { type HarnessChild, invalidityIn, runHarness } from './harness-child.ts';
import { ExitCode } from './exit-code.ts';
import { Interruption } from './interruption.ts';
import { type MatrixCell, matrixOf } from './matrix-cells.ts';
import { planTarget } from './target.ts';
import { OWN_MAIN } from './this-build.ts';

export interface ChaosMatrixOptions {
  readonly runs: number;
  /** Of each run, with its faults; its start and its end come on top. */
  readonly timeS: number;
  readonly seed: number;
  /** See `planTarget`. */
  readonly target: string | undefined;
  readonly servers: string | undefined;
  readonly apacheClasspath: string | undefined;
  readonly runsDirectory: string;
  readonly print: (line: string) => void;
}

/** Short of what people set, so that a run of seconds sees elections and expired sessions. */
const SETTINGS = ['--session-timeout', '1500', '--set', 'tickTime=250', '--rate', '60'];
/** From the worst on. A run that nobody can judge is no pass. */
const BY_GRAVITY: readonly ExitCode[] = [
  ExitCode.internalError,
  ExitCode.usage,
  ExitCode.historyInvalid,
  ExitCode.noSystem,
  ExitCode.verdictUnknown,
];

/**
 * `chaos-matrix`: so many runs of `chaos`, each with another workload under another fault, in an order drawn from the
 * seed, until every workload has met every fault. Those that do not pass are kept in the runs' directory, and the worst
 * of their exit codes is the one returned. Interrupted it ends with the run under way, and tells what there is.
 *
 * @throws UsageError for a target that there is not.
 */
export async function runChaosMatrix(options: ChaosMatrixOptions): Promise<ExitCode> {
  const { runs, seed, print } = options;
  const cells = matrixOf({ ...axesFor(options), prng: new Prng(seed).fork('matrix') });
  const interruption = new Interruption();
  const bad: ExitCode[] = [];
  let done = 0;
  for (const cell of cells) {
    if (done === runs || interruption.signal.aborted) break;
    const outcome = await playCell(cell, { ...options, seed: seed + done }, interruption.signal);
    if (outcome === null) break;
    done++;
    if (outcome !== ExitCode.passed) bad.push(outcome);
  }
  interruption.stop();
  print(`${done - bad.length} of ${done} runs passed`);
  return BY_GRAVITY.find((code) => bad.includes(code)) ?? interruption.exitCode ?? ExitCode.passed;
}

function axesFor({ target, servers, apacheClasspath }: ChaosMatrixOptions): {
  readonly workloads: readonly string[];
  readonly faults: readonly string[];
} {
  const { field } = planTarget({ name: target, servers, config: {}, apacheClasspath });
  const faults = [...FAULTS.values()].filter((fault) => whyUnavailable(fault, field) === null);
  return { workloads: [...RECIPES.keys()], faults: faults.map(({ name }) => name) };
}

/** Null if it was interrupted. */
async function playCell(
  { workload, fault }: MatrixCell,
  options: ChaosMatrixOptions,
  signal: AbortSignal,
): Promise<ExitCode | null> {
  const { timeS, seed, target, servers, apacheClasspath, runsDirectory, print } = options;
  const args = ['--workload', workload, '--faults', fault, '--time', String(timeS), '--seed', String(seed)];
  if (target !== undefined) args.push('--target', target);
  if (servers !== undefined) args.push('--servers', servers);
  if (apacheClasspath !== undefined) args.push('--apache-classpath', apacheClasspath);
  args.push(...SETTINGS);
  const out = join(runsDirectory, `matrix-${seed}`);
  const child = await runHarness(OWN_MAIN, ['chaos', ...args, '--out', out], signal);
  if (signal.aborted) return null;
  const outcome = outcomeOf(child);
  print(
    `${workload} × ${fault}, seed ${seed}: ${outcome === ExitCode.passed ? 'passed' : `exit code ${outcome}`}`,
  );
  if (outcome === ExitCode.passed) {
    rmSync(out, { recursive: true, force: true });
    return outcome;
  }
  const why = invalidityIn(child) ?? child.output.trim().split('\n').slice(-3).join('\n');
  print(`${why}\nagain: npm run chaos -- ${args.join(' ')}\nkept in ${out}`);
  return outcome;
}

/** That the machine could not keep up says nothing of a history. */
function outcomeOf({ exitCode }: HarnessChild): ExitCode {
  if (exitCode === ExitCode.passed || exitCode === ExitCode.generatorLimited) return ExitCode.passed;
  return BY_GRAVITY.find((code) => code === exitCode) ?? ExitCode.internalError;
}
