import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatDuration } from '../../reports/format.ts';
import { STAMPEDE_VERSION } from '../../server/version.ts';
import { environmentOf } from '../history/environment.ts';
import { parseReport } from '../history/report-parse.ts';
import { ALL, type Report, reportWorkloadSchema } from '../history/report-schema.ts';
import { createDirectory, runDirectoryAt, serverDirectory, serverIds } from '../history/run-directory.ts';
import type { Series, SeriesFigures } from '../history/saturation-schema.ts';
import type { Workload } from '../load/workload.ts';
import { npmCommand } from './command-line.ts';
import { ExitCode, exitCodeFrom, UsageError } from './exit-code.ts';
import { runHarness } from './harness-child.ts';
import { describeWorkload } from './load-exercise.ts';
import { madeIn } from './made-in.ts';
import { PROJECT_DIRECTORY } from './this-build.ts';

/** What several runs of `bench` have in common, of one workload on one target. */
export interface SeriesOptions {
  readonly workload: Workload;
  /** See `describeSystem`. */
  readonly target: string;
  /** Of every run: the same load for all of them. */
  readonly seed: number;
  /** Words of `bench` for every run: all that was given, but for what makes it a series. */
  readonly words: readonly string[];
  readonly runsDirectory: string;
  /** As typed, for the report. */
  readonly command: readonly string[];
  /** The harness to run them by. */
  readonly main: string;
  readonly print: (line: string) => void;
}

/** A run of a series, when it is over. */
export interface SeriesRun {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** Null: it has left none. */
  readonly report: Report | null;
  readonly figures: SeriesFigures;
  /** What it said last, or complained of. */
  readonly sentence: string;
}

/** What has ended a series before its time. */
export interface SeriesEnd {
  readonly exitCode: ExitCode;
  /** Null: a signal. */
  readonly run: SeriesRun | null;
}

/** Runs of `bench`, each in a process of its own on an ensemble of its own, in one directory below the runs'. */
export class SeriesRuns {
  readonly directory: string;
  readonly #options: SeriesOptions;
  readonly #startedAt = new Date();
  readonly #startedMs = performance.now();
  #count = 0;

  /** @throws UsageError if nothing can be written there. */
  constructor(kind: string, options: SeriesOptions) {
    this.#options = options;
    const { runsDirectory: parent, workload } = options;
    const name = `${kind}-${workload.name}`;
    this.directory = madeIn(parent, () => createDirectory({ parent, name, now: this.#startedAt }));
  }

  /** Since it began, in words. */
  get elapsed(): string {
    const seconds = Math.round(this.#elapsedMs / 1000);
    return seconds === 0 ? '0 s' : formatDuration(seconds * 1000);
  }

  /**
   * One run, with these words on top of those of all. The data of its servers are removed, which nobody needs of a run
   * that came to its end, and which many runs would fill the disk with.
   *
   * @throws UsageError for what `bench` refuses; the directory is gone if that was the first.
   */
  async play(words: readonly string[], signal: AbortSignal): Promise<SeriesRun> {
    const { main, seed, words: common } = this.#options;
    const own = ['--seed', String(seed), '--out', this.directory];
    const before = new Set(readdirSync(this.directory));
    const child = await runHarness(main, ['bench', ...common, ...words, ...own], signal);
    const { exitCode, output, errors } = child;
    if (exitCode === ExitCode.usage) {
      if (this.#count === 0) rmdirSync(this.directory);
      throw new UsageError(errors.trim());
    }
    this.#count++;
    const directory = readdirSync(this.directory).find((name) => !before.has(name)) ?? null;
    const report = directory === null ? null : reportIn(join(this.directory, directory));
    if (directory !== null && exitCode !== ExitCode.historyInvalid) {
      removeData(join(this.directory, directory));
    }
    const lastWords = errors.trim() || output.trim();
    return {
      exitCode,
      report,
      figures: { ...figuresOf(report), directory: report === null ? null : directory },
      sentence: report?.verdict?.sentence ?? lastWords.split('\n').at(-1) ?? '',
    };
  }

  /** For its report. */
  async describe({
    isInterrupted,
  }: {
    readonly isInterrupted: boolean;
  }): Promise<Omit<Series, 'exitCode' | 'sentence'>> {
    const { workload, target, seed, command } = this.#options;
    return {
      identity: {
        id: basename(this.directory),
        toolVersion: STAMPEDE_VERSION,
        command: npmCommand(command),
        seed,
        startedAt: this.#startedAt.toISOString(),
        durationMs: this.#elapsedMs,
        status: isInterrupted ? 'interrupted' : 'complete',
      },
      environment: await environmentOf({
        runDirectory: this.directory,
        projectDirectory: PROJECT_DIRECTORY,
      }),
      workload: reportWorkloadSchema.parse(describeWorkload(workload)),
      target,
    };
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }
}

/** Of a run that has come to an outcome with which a series cannot go on. */
export function endedEarly(run: SeriesRun): SeriesEnd {
  return { exitCode: exitCodeFrom(run.exitCode), run };
}

function reportIn(directory: string): Report | null {
  const { reportJson } = runDirectoryAt(directory);
  return existsSync(reportJson) ? parseReport(readFileSync(reportJson, 'utf8')) : null;
}

function removeData(directory: string): void {
  const run = runDirectoryAt(directory);
  for (const id of serverIds(run)) {
    // A server that its harness had no time to end may still be writing.
    rmSync(serverDirectory(run, id).data, { recursive: true, force: true, maxRetries: 10 });
  }
}

function figuresOf(report: Report | null): Omit<SeriesFigures, 'directory'> {
  const all = report?.totals.find(({ op, phase }) => op === ALL && phase === ALL);
  return {
    opsPerSecond: all?.opsPerSecond ?? null,
    p50Us: all?.responseTime?.p50Us ?? null,
    p99Us: all?.responseTime?.p99Us ?? null,
  };
}
