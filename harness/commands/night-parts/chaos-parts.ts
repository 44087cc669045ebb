import { readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fitsAnother } from '../../nightly/budget.ts';
import { npmCommand } from '../command-line.ts';
import { ExitCode, exitCodeFrom, gravest } from '../exit-code.ts';
import { MatrixRuns, whyNotPassed } from '../matrix-runs.ts';
import { OWN_MAIN, PROJECT_DIRECTORY } from '../this-build.ts';
import type { NightPart, PartResult, Stint } from './part.ts';

/** What `shrink` has left of runs that failed once, put there by hand. */
export const KNOWN_PLANS = join(PROJECT_DIRECTORY, 'harness/nemesis/plan/known');

/** Of a run, if its part has time for several. */
const RUN_S_MAX = 6;
const RUN_S_MIN = 1;
const RUNS_AT_LEAST = 6;

/** Plans that failed once, before anything else is played. */
export function knownPlansPart(plans: readonly string[] = knownPlans()): NightPart {
  return {
    name: 'known-plans',
    title: 'Plans that once failed',
    weight: 5,
    play: (stint) => playPlans(stint, plans),
  };
}

function knownPlans(): string[] {
  return readdirSync(KNOWN_PLANS)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(KNOWN_PLANS, name))
    .sort();
}

/** All of them, however long it takes. */
async function playPlans(stint: Stint, plans: readonly string[]): Promise<PartResult> {
  for (const file of plans) {
    if (stint.isEnded()) break;
    const startedMs = stint.elapsedMs;
    const name = basename(file, '.yaml');
    const directory = join(stint.runsDirectory, name);
    const command = ['chaos', '--plan', relative(PROJECT_DIRECTORY, file)];
    const child = await stint.command(OWN_MAIN, ['chaos', '--plan', file, '--out', directory]);
    if (stint.isEnded()) break;
    const why = whyNotPassed(child);
    if (why === null) rmSync(directory, { recursive: true, force: true });
    stint.note({
      name,
      outcome: why === null ? 'passed' : 'failed',
      exitCode: why === null ? ExitCode.passed : exitCodeFrom(child.exitCode),
      durationMs: stint.elapsedMs - startedMs,
      why,
      again: npmCommand(command),
      directory: why === null ? null : directory,
    });
  }
  return resultOf(stint);
}

export interface MatrixPartOptions {
  readonly name: string;
  readonly title: string;
  readonly weight: number;
  readonly seed: number;
  /** The harness to play them by, with what is planted in it. */
  readonly main: string;
  /** What plays a run again that failed, where that is not its own command. */
  readonly again?: string;
  readonly target: 'ours' | 'apache';
  /** Why a run that ends with one of these does not count against the night; null: every one does. */
  readonly excuse: { readonly codes: readonly ExitCode[]; readonly why: string } | null;
}

/** Workloads under faults in an order from the seed, as many as there is time for. */
export function matrixPart({ name, title, weight, ...options }: MatrixPartOptions): NightPart {
  return { name, title, weight, play: (stint) => playMatrix(stint, options) };
}

async function playMatrix(
  stint: Stint,
  { seed, main, again, target, excuse }: Omit<MatrixPartOptions, 'name' | 'title' | 'weight'>,
): Promise<PartResult> {
  const { signal, shareMs } = stint;
  const matrix = new MatrixRuns({
    play: (args) => stint.command(main, args),
    signal,
    timeS: Math.round(Math.min(RUN_S_MAX, Math.max(RUN_S_MIN, shareMs / 1000 / RUNS_AT_LEAST))),
    seed,
    target: target === 'ours' ? undefined : target,
    servers: undefined,
    apacheClasspath: undefined,
    runsDirectory: join(stint.runsDirectory, target),
  });
  while (!stint.isEnded() && fitsAnother({ shareMs, elapsedMs: stint.elapsedMs, done: stint.runs.length })) {
    const startedMs = stint.elapsedMs;
    const run = await matrix.next();
    if (run === null) break;
    const { exitCode, why } = run;
    const excused = why !== null && excuse?.codes.includes(exitCode) === true;
    stint.note({
      name: target === 'ours' ? run.name : `${target}: ${run.name}`,
      outcome: why === null ? 'passed' : excused ? 'noted' : 'failed',
      exitCode,
      durationMs: stint.elapsedMs - startedMs,
      why: excused ? `${why} (${excuse.why})` : why,
      again: again ?? npmCommand(run.command),
      directory: why === null ? null : run.directory,
    });
  }
  return resultOf(stint);
}

function resultOf({ runs }: Stint): PartResult {
  const failed = runs.filter(({ outcome }) => outcome === 'failed');
  const noted = runs.filter(({ outcome }) => outcome === 'noted').length;
  const passed = runs.length - failed.length - noted;
  return {
    exitCode: gravest(failed.map(({ exitCode }) => exitCodeFrom(exitCode))),
    sentence: `${passed} of ${runs.length} runs passed${noted === 0 ? '' : `, ${noted} noted`}`,
    runs,
  };
}
