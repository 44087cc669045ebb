import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Prng } from '../../server/base/prng.ts';
import { whyUnavailable } from '../nemesis/availability.ts';
import { FAULTS } from '../nemesis/faults.ts';
import { RECIPES } from '../recipes/recipes.ts';
import { ExitCode, exitCodeFrom } from './exit-code.ts';
import { type HarnessChild, invalidityIn, lastWordsOf } from './harness-child.ts';
import { type MatrixCell, matrixOf } from './matrix-cells.ts';
import { planTarget } from './target.ts';

export interface MatrixRunsOptions {
  /** Runs a command of the harness, by its name and arguments, until it ends or `signal` ends it. */
  readonly play: (args: readonly string[]) => Promise<HarnessChild>;
  readonly signal: AbortSignal;
  /** Of each run, with its faults; its start and its end come on top. */
  readonly timeS: number;
  readonly seed: number;
  /** See `planTarget`. */
  readonly target: string | undefined;
  readonly servers: string | undefined;
  readonly apacheClasspath: string | undefined;
  /** Gets a directory for each run that does not pass. */
  readonly runsDirectory: string;
}

/** How a run of a workload under a fault has ended. */
export interface MatrixRun {
  /** `lock × kill-leader, seed 7`. */
  readonly name: string;
  readonly exitCode: ExitCode;
  /** Null: it passed. */
  readonly why: string | null;
  /** What plays it again; the command's name first. */
  readonly command: readonly string[];
  /** Where its run directory is, if it did not pass. */
  readonly directory: string;
}

/** Short of what people set, so that a run of seconds sees elections and expired sessions. */
const SETTINGS = ['--session-timeout', '1500', '--set', 'tickTime=250', '--rate', '60'];

/** Runs of `chaos`, each with another workload under another fault, in an order drawn from the seed. */
export class MatrixRuns {
  readonly #options: MatrixRunsOptions;
  readonly #cells: Iterator<MatrixCell, void>;
  #seed: number;

  /** @throws UsageError for a target that there is not. */
  constructor(options: MatrixRunsOptions) {
    this.#options = options;
    this.#cells = matrixOf({ ...axesFor(options), prng: new Prng(options.seed).fork('matrix') });
    this.#seed = options.seed;
  }

  /** Plays the next one; null: there is none, or it was interrupted. */
  async next(): Promise<MatrixRun | null> {
    const cell = this.#cells.next();
    if (cell.done === true) return null;
    const { play, signal, runsDirectory } = this.#options;
    const { workload, fault } = cell.value;
    const seed = this.#seed++;
    const command = ['chaos', ...this.#argumentsFor(cell.value, seed)];
    const directory = join(runsDirectory, `matrix-${seed}`);
    const child = await play([...command, '--out', directory]);
    if (signal.aborted) return null;
    const why = whyNotPassed(child);
    if (why === null) rmSync(directory, { recursive: true, force: true });
    return {
      name: `${workload} × ${fault}, seed ${seed}`,
      exitCode: why === null ? ExitCode.passed : exitCodeFrom(child.exitCode),
      why,
      command,
      directory,
    };
  }

  #argumentsFor({ workload, fault }: MatrixCell, seed: number): string[] {
    const { timeS, target, servers, apacheClasspath } = this.#options;
    const args = ['--workload', workload, '--faults', fault, '--time', String(timeS), '--seed', String(seed)];
    if (target !== undefined) args.push('--target', target);
    if (servers !== undefined) args.push('--servers', servers);
    if (apacheClasspath !== undefined) args.push('--apache-classpath', apacheClasspath);
    return [...args, ...SETTINGS];
  }
}

function axesFor({
  target,
  servers,
  apacheClasspath,
}: Pick<MatrixRunsOptions, 'target' | 'servers' | 'apacheClasspath'>): {
  readonly workloads: readonly string[];
  readonly faults: readonly string[];
} {
  const { field } = planTarget({ name: target, servers, config: {}, apacheClasspath });
  const faults = [...FAULTS.values()].filter((fault) => whyUnavailable(fault, field) === null);
  return { workloads: [...RECIPES.keys()], faults: faults.map(({ name }) => name) };
}

/** Null if it has. That the machine could not keep up says nothing of a history. */
export function whyNotPassed(child: HarnessChild): string | null {
  const { exitCode } = child;
  if (exitCode === ExitCode.passed || exitCode === ExitCode.generatorLimited) return null;
  return invalidityIn(child) ?? lastWordsOf(child);
}
