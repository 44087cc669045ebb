import { appendFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { NightBench, NightRun } from '../../history/night-schema.ts';
import { runDirectoriesIn } from '../../history/run-directory.ts';
import type { Share } from '../../nightly/budget.ts';
import { ExitCode } from '../exit-code.ts';
import { type HarnessChild, runHarness } from '../harness-child.ts';

/** Runs that failed and are kept with all their files, in each part; of others there are the reports. */
const WHOLE_RUNS_MAX = 5;

/** Something that a night does, in child processes of the harness. */
export interface NightPart extends Share {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly play: (stint: Stint) => Promise<PartResult>;
}

export interface PartResult {
  readonly exitCode: ExitCode;
  /** What it came to. */
  readonly sentence: string;
  readonly runs: readonly NightRun[];
  /** It could not be played here. */
  readonly isSkipped?: boolean;
  /** It has shown that this night would not have seen a bug. */
  readonly isBlind?: boolean;
  readonly bench?: NightBench;
}

export interface StintOptions {
  readonly name: string;
  readonly shareMs: number;
  readonly directory: string;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  readonly onRun: (run: NightRun) => void;
}

/** The time that a part has of the night, and what it leaves behind. */
export class Stint {
  readonly shareMs: number;
  readonly signal: AbortSignal;
  readonly runs: NightRun[] = [];
  readonly #options: StintOptions;
  readonly #startedMs = performance.now();

  constructor(options: StintOptions) {
    this.#options = options;
    this.shareMs = options.shareMs;
    this.signal = options.signal;
  }

  /** Nothing more is to be begun. */
  isEnded(): boolean {
    return this.signal.aborted;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Where run directories go that are kept. */
  get runsDirectory(): string {
    return join(this.#options.directory, 'runs');
  }

  /** Runs a command of the harness; what it says is in the part's log, whether or not it was interrupted. */
  async command(main: string, args: readonly string[]): Promise<HarnessChild> {
    const child = await runHarness(main, args, this.signal);
    const log = join(this.#options.directory, 'logs', `${this.#options.name}.txt`);
    mkdirSync(dirname(log), { recursive: true });
    appendFileSync(log, `$ ${args.join(' ')}\n${child.output}${child.errors}exit code ${child.exitCode}\n\n`);
    // One that was interrupted before it listened for that is ended by the signal.
    const isInterrupted = this.signal.aborted && child.exitCode === null;
    return isInterrupted ? { ...child, exitCode: ExitCode.interrupted } : child;
  }

  /** Notes how a run has ended; `directory`: where its run directory lies, if that is kept. */
  note({ directory, ...run }: Omit<NightRun, 'report'>): void {
    const kept = directory === null ? null : (runDirectoriesIn(directory)[0] ?? null);
    if (kept !== null && this.runs.filter(({ report }) => report !== null).length >= WHOLE_RUNS_MAX) {
      for (const bulk of [kept.historyDirectory, kept.transcriptsDirectory, kept.serversDirectory]) {
        rmSync(bulk, { recursive: true, force: true });
      }
    }
    const noted = {
      ...run,
      directory: this.#relative(directory),
      report: this.#relative(kept !== null && existsSync(kept.reportHtml) ? kept.reportHtml : null),
    };
    this.runs.push(noted);
    this.#options.onRun(noted);
  }

  #relative(path: string | null): string | null {
    return path === null ? null : relative(this.#options.directory, path);
  }
}
