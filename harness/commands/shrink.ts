import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunDirectoryError } from '../history/run-directory.ts';
import { caseText, type ChaosCase } from '../shrink/chaos-case.ts';
import { type FailedRun, readFailedRun } from '../shrink/failed-run.ts';
import { shrinkCase } from '../shrink/shrink-case.ts';
import { runChaosChild } from './chaos-child.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { Interruption } from './interruption.ts';

export interface ShrinkOptions {
  readonly runDirectory: string;
  /** How often a case is played before it counts as one that does not fail. */
  readonly tries: number;
  /** After that nothing more is tried. */
  readonly minutes: number;
  /** Where the case goes. */
  readonly output: string;
  readonly print: (line: string) => void;
}

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/**
 * `shrink`: of a run of `chaos` whose history is not valid, the fewest faults, the fewest clients and the shortest time
 * by which the same checker finds something again, as a file for `chaos --case`. The file is there from the first
 * time that the run has failed again, and is written anew with each step: whatever ends this, it is the best so far.
 *
 * Returns 0 with a case, 101 if the run did not fail again in any of the tries.
 *
 * @throws UsageError for what is no run of `chaos`, or one that has not failed.
 */
export async function runShrink(options: ShrinkOptions): Promise<ExitCode> {
  const { runDirectory, tries, output, print } = options;
  const failed = failedRunAt(runDirectory);
  const interruption = new Interruption();
  const player = new CasePlayer(failed, options, interruption.signal);
  try {
    if (!(await player.fails(failed.played))) {
      print(
        interruption.exitCode === null
          ? `It has not failed again in ${tries} tries. Give it more (--tries), or play it for longer first.`
          : 'Interrupted before it has failed again.',
      );
      return interruption.exitCode ?? ExitCode.verdictUnknown;
    }
    const smallest = await shrinkCase(failed.played, (candidate) => player.fails(candidate));
    print(
      `${summaryOf(smallest)} ${player.isOver ? 'so far' : 'are enough'}, of ${summaryOf(failed.played)}`,
    );
    print(`again: npm run chaos -- --case ${output}`);
    return interruption.exitCode ?? ExitCode.passed;
  } finally {
    interruption.stop();
    player.remove();
  }
}

function failedRunAt(runDirectory: string): FailedRun {
  try {
    return readFailedRun(runDirectory);
  } catch (error) {
    if (error instanceof RunDirectoryError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Plays cases in processes of their own, and writes down the last that has failed. */
class CasePlayer {
  readonly #failed: FailedRun;
  readonly #options: ShrinkOptions;
  readonly #signal: AbortSignal;
  readonly #directory = mkdtempSync(join(tmpdir(), 'stampede-shrink-'));
  readonly #deadlineMs: number;

  constructor(failed: FailedRun, options: ShrinkOptions, signal: AbortSignal) {
    this.#failed = failed;
    this.#options = options;
    this.#signal = signal;
    this.#deadlineMs = performance.now() + options.minutes * 60_000;
  }

  /** Nothing more is tried. */
  get isOver(): boolean {
    return this.#signal.aborted || performance.now() >= this.#deadlineMs;
  }

  async fails(candidate: ChaosCase): Promise<boolean> {
    const { tries, output, print } = this.#options;
    for (let attempt = 1; attempt <= tries && !this.isOver; attempt++) {
      const found = await this.#play(candidate);
      if (found === null) continue;
      print(`${summaryOf(candidate)}: fails, in try ${attempt}`);
      writeFileSync(output, caseText(candidate, this.#comment(found, attempt)));
      return true;
    }
    print(`${summaryOf(candidate)}: ${this.isOver ? 'no time left' : `does not fail in ${tries} tries`}`);
    return false;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** What was found, if a checker that found something in the first place has done so again. */
  async #play(candidate: ChaosCase): Promise<string | null> {
    const file = join(this.#directory, 'case.yaml');
    const out = join(this.#directory, 'runs');
    writeFileSync(file, caseText(candidate, []));
    try {
      const { exitCode } = await runChaosChild(MAIN, ['--case', file, '--out', out], this.#signal);
      if (exitCode !== ExitCode.historyInvalid) return null;
      const [run = ''] = readdirSync(out);
      const { findings } = readFailedRun(join(out, run));
      return [...this.#failed.findings.keys()].map((checker) => findings.get(checker)).find(Boolean) ?? null;
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }

  #comment(found: string, attempt: number): string[] {
    const { output, runDirectory } = this.#options;
    return [
      `npm run chaos -- --case ${output}`,
      `The smallest case found of ${runDirectory}; it failed in try ${attempt}:`,
      found,
    ];
  }
}

function summaryOf({ plan, participants, timeS }: ChaosCase): string {
  const alone = plan.quorumAlone === null ? '' : ' and a minority taken away';
  const faults = plan.steps.length === 1 ? '1 fault' : `${plan.steps.length} faults`;
  const clients = participants === 1 ? '1 client' : `${participants} clients`;
  return `${faults}${alone}, ${clients}, ${timeS} s`;
}
