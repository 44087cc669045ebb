import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseReport } from '../history/report-parse.ts';
import { type RunDirectory, runDirectoryAt } from '../history/run-directory.ts';
import type { PlanDocument } from '../nemesis/plan/plan.ts';
import { formatPlan } from '../nemesis/plan/write-plan.ts';
import { runHarness } from './harness-child.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { type Finding, findingsIn, firstOfKind } from './finding.ts';

export interface TrialRunsOptions {
  /** The harness to play them by. */
  readonly main: string;
  /** Gets a directory of this one's own, with the run directories in it. */
  readonly out: string;
  /** What counts as failing: to be found guilty of one of these. */
  readonly sought: readonly Finding[];
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

export interface Trial {
  readonly exitCode: number | null;
  /** Null: it did not fail, or by something else. */
  readonly finding: Finding | null;
}

/** Plays runs to see whether they fail. Of all their run directories the last one of a run that failed is kept. */
export class TrialRuns {
  readonly #options: TrialRunsOptions;
  readonly #directory: string;
  #lastFailed: RunDirectory | null = null;

  /** @throws UsageError if nothing can be written there. */
  constructor(options: TrialRunsOptions) {
    this.#options = options;
    try {
      mkdirSync(options.out, { recursive: true });
      this.#directory = mkdtempSync(join(options.out, 'shrink-'));
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new UsageError(
        `--out ${options.out}: ${error.message}; name a directory that can be written to`,
        { cause: error },
      );
    }
  }

  /** Null as long as none has failed. */
  get lastFailed(): RunDirectory | null {
    return this.#lastFailed;
  }

  /**
   * Plays it `tries` times, or until it fails if `untilItFails`; null: the signal came first.
   *
   * @throws UsageError for what `chaos` refuses to play.
   */
  async play(
    document: PlanDocument,
    { tries, untilItFails }: { readonly tries: number; readonly untilItFails: boolean },
  ): Promise<readonly Trial[] | null> {
    const trials: Trial[] = [];
    for (let number = 1; number <= tries; number++) {
      if (this.#options.signal.aborted) return null;
      const trial = await this.#try(document);
      if (trial === null) return null;
      trials.push(trial);
      if (untilItFails && trial.finding !== null) break;
    }
    return trials;
  }

  /** Leaves the last run that failed. */
  end(): void {
    rmSync(this.#planFile, { force: true });
    if (this.#lastFailed === null) rmdirSync(this.#directory);
  }

  get #planFile(): string {
    return join(this.#directory, 'candidate.yaml');
  }

  async #try(document: PlanDocument): Promise<Trial | null> {
    const { main, sought, signal } = this.#options;
    writeFileSync(this.#planFile, formatPlan(document, []));
    const args = ['--plan', this.#planFile, '--out', this.#directory];
    const { exitCode, errors } = await runHarness(main, ['chaos', ...args], signal);
    const run = this.#newRun();
    if (signal.aborted) {
      this.#remove(run);
      return null;
    }
    if (exitCode === ExitCode.usage) throw new UsageError(`It cannot be played again: ${errors.trim()}`);
    const finding = run === null ? null : firstOfKind(findingsOf(run), sought);
    this.#remove(finding === null ? run : this.#lastFailed);
    if (finding !== null) this.#lastFailed = run;
    return { exitCode, finding };
  }

  #newRun(): RunDirectory | null {
    const entries = readdirSync(this.#directory, { withFileTypes: true });
    const name = entries.find((entry) => entry.isDirectory() && entry.name !== this.#lastFailed?.id)?.name;
    return name === undefined ? null : runDirectoryAt(join(this.#directory, name));
  }

  #remove(run: RunDirectory | null): void {
    // A server that its harness had no time to end may still be writing.
    if (run !== null) rmSync(run.path, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** None where it has left no report. */
function findingsOf({ reportJson }: RunDirectory): Finding[] {
  let text: string;
  try {
    text = readFileSync(reportJson, 'utf8');
  } catch {
    return [];
  }
  return findingsIn(parseReport(text));
}

/** `failed in 1 of 2 tries`, `failed in 0 of 3 tries (exit code 101)`. */
export function describeTrials(trials: readonly Trial[]): string {
  const failed = trials.filter(({ finding }) => finding !== null).length;
  const others = new Set(trials.flatMap(({ exitCode, finding }) => (finding === null ? [exitCode] : [])));
  others.delete(ExitCode.passed);
  const codes = others.size === 0 ? '' : ` (exit code ${[...others].join(', ')})`;
  return `failed in ${failed} of ${trials.length} ${trials.length === 1 ? 'try' : 'tries'}${codes}`;
}
