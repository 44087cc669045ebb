import { mkdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { writeNightReports } from '../../reports/nights/write-night.ts';
import { Prng } from '../../server/base/prng.ts';
import { STAMPEDE_VERSION } from '../../server/version.ts';
import { findApache } from '../ensemble/find-apache.ts';
import { environmentOf } from '../history/environment.ts';
import { keepNight, readNights, writeNight } from '../history/night-history.ts';
import type { Night, NightBench, NightPart as PlayedPart, NightRun } from '../history/night-schema.ts';
import { MutatedBuild } from '../mutants/mutated-build.ts';
import type { PlayedMutant } from '../mutants/mutant.ts';
import { PLAYED_MUTANTS } from '../mutants/played-mutants.ts';
import { shareOfFirst } from '../nightly/budget.ts';
import { judgeTrend } from '../nightly/trend.ts';
import { verdictSentence } from '../nightly/verdict.ts';
import { npmCommand } from './command-line.ts';
import { ExitCode, exitCodeFrom, gravest, UsageError } from './exit-code.ts';
import { directoryForSeveral } from './finished-run.ts';
import { Interruption } from './interruption.ts';
import { BENCH_MEASURES } from './night-parts/bench-part.ts';
import { NIGHT_PARTS, nightParts } from './night-parts/night-parts.ts';
import { type NightPart, type PartResult, Stint } from './night-parts/part.ts';
import { OWN_MAIN, PROJECT_DIRECTORY } from './this-build.ts';
import { TimeLimit } from './time-limit.ts';

export interface NightlyOptions {
  /** About how long it takes. */
  readonly minutes: number;
  readonly seed: number;
  /** Of `PLAYED_MUTANTS`, to be planted in the servers of the chaos runs. */
  readonly mutant: string | undefined;
  /** Only these, by name; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Gets the night's directory. */
  readonly runsDirectory: string;
  /** The nights that are kept. */
  readonly history: string;
  /** As typed, for the report; the command's name first. */
  readonly command: readonly string[];
  readonly print: (line: string) => void;
}

/** A part that has not come to its end by so long after its time is over hangs. */
const OVERTIME_MS = 300_000;

/**
 * `nightly`: what once failed, planted bugs that must be caught, simulated and real ensembles under faults, and a bench
 * held against the nights before, each in child processes and for its share of the time. Whenever it ends, its
 * directory has night.json, summary.md, junit.xml and index.html, and the exit code is the gravest of its parts'.
 *
 * @throws UsageError before anything is started.
 */
export async function runNightly(options: NightlyOptions): Promise<ExitCode> {
  const { only, history } = options;
  const mutant = mutantFor(options.mutant);
  const unknown = only?.find((name) => !NIGHT_PARTS.includes(name));
  if (unknown !== undefined) throw new UsageError(`--parts ${unknown}: they are ${NIGHT_PARTS.join(', ')}`);
  makeHistory(history);
  const build = mutant === null ? null : new MutatedBuild(mutant);
  try {
    return await new NightUnderWay(options, mutant, build?.main ?? OWN_MAIN).run();
  } finally {
    build?.remove();
  }
}

function mutantFor(id: string | undefined): PlayedMutant | null {
  if (id === undefined) return null;
  const mutant = PLAYED_MUTANTS.find((mutant) => mutant.id === id);
  if (mutant !== undefined) return mutant;
  const [first, last] = [PLAYED_MUTANTS[0]?.id, PLAYED_MUTANTS.at(-1)?.id];
  throw new UsageError(`--mutant ${id}: there is no such planted bug; they are ${first} to ${last}`);
}

/** Before the night, and not when there is something to be kept. */
function makeHistory(history: string): void {
  try {
    mkdirSync(history, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--history ${history}: ${why}; name a directory that can be written to`, {
      cause: error,
    });
  }
}

class NightUnderWay {
  readonly #options: NightlyOptions;
  readonly #mutant: PlayedMutant | null;
  readonly #main: string;
  readonly #directory: string;
  readonly #startedAt = new Date();
  readonly #startedMs = performance.now();
  readonly #interruption = new Interruption();
  readonly #parts: PlayedPart[] = [];
  #bench: NightBench = { settings: [], rounds: [] };
  #isValid = true;

  constructor(options: NightlyOptions, mutant: PlayedMutant | null, main: string) {
    this.#options = options;
    this.#mutant = mutant;
    this.#main = main;
    this.#directory = directoryForSeveral(options.runsDirectory, 'night', this.#startedAt);
  }

  async run(): Promise<ExitCode> {
    const { print, seed, minutes, history } = this.#options;
    print(
      `a night of ${minutes} minutes, seed ${seed}${this.#mutant === null ? '' : `, ${this.#mutant.id} planted`}`,
    );
    const parts = this.#plannedParts();
    for (const [index, part] of parts.entries()) {
      await this.#play(part, shareOfFirst(parts.slice(index), minutes * 60_000 - this.#elapsedMs));
    }
    this.#interruption.stop();
    const { nights, unreadable } = readNights(history);
    for (const path of unreadable) print(`${path}/night.json cannot be read: it counts for nothing`);
    const night = await this.#night(nights);
    writeNight(this.#directory, night);
    keepNight(history, night, this.#directory);
    await writeNightReports(this.#directory, [...nights, night], process.env);
    print(
      `${night.verdict.passed ? 'passed' : `exit code ${night.verdict.exitCode}`}: ${night.verdict.sentence}`,
    );
    print(`index: ${join(relative('', this.#directory), 'index.html')}`);
    return exitCodeFrom(night.verdict.exitCode);
  }

  #plannedParts(): NightPart[] {
    const { minutes, seed, only } = this.#options;
    const prng = new Prng(seed);
    const parts = nightParts({
      minutes,
      swarmFrom: prng.fork('swarm').below(2 ** 31),
      matrixSeed: prng.fork('matrix').below(2 ** 31),
      main: this.#main,
      again: this.#mutant === null ? undefined : this.#command,
      apache: findApache(),
    });
    return parts.filter(({ name }) => only === undefined || only.includes(name));
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  get #command(): string {
    const { minutes, seed, only } = this.#options;
    const parts = only === undefined ? [] : ['--parts', only.join(',')];
    const mutant = this.#mutant === null ? [] : ['--mutant', this.#mutant.id];
    return npmCommand(['nightly', '--minutes', String(minutes), '--seed', String(seed), ...parts, ...mutant]);
  }

  async #play(part: NightPart, shareMs: number): Promise<void> {
    const { name, title } = part;
    const { signal } = this.#interruption;
    const { print } = this.#options;
    const common = { name, title, budgetMs: shareMs };
    if (signal.aborted) {
      const exitCode = this.#interruption.exitCode ?? ExitCode.interrupted;
      this.#parts.push({
        ...common,
        outcome: 'interrupted',
        exitCode,
        durationMs: 0,
        sentence: 'not begun',
        runs: [],
      });
      return;
    }
    const startedMs = this.#elapsedMs;
    const limit = new TimeLimit(shareMs + OVERTIME_MS, signal);
    const stint = new Stint({
      name,
      shareMs,
      directory: this.#directory,
      signal: limit.signal,
      onRun: (run) => this.#tell(run),
    });
    print(`${title} (${Math.round(shareMs / 1000)} s)`);
    const result = await part.play(stint).catch(failedPart);
    limit.end();
    const exitCode = this.#endOf(result, limit.isOver);
    this.#bench = result.bench ?? this.#bench;
    if (result.isBlind === true) this.#isValid = false;
    this.#parts.push({
      ...common,
      outcome: outcomeOf({ result, exitCode, isInterrupted: signal.aborted }),
      exitCode,
      durationMs: this.#elapsedMs - startedMs,
      sentence: limit.isOver ? `it did not come to its end; ${result.sentence}` : result.sentence,
      runs: [...stint.runs],
    });
    print(`  ${result.sentence}`);
  }

  #endOf({ exitCode }: PartResult, isHanging: boolean): ExitCode {
    const interrupted = this.#interruption.exitCode;
    return gravest([
      // That it was interrupted is what an interrupted child ends with, whatever it makes of the signal.
      ...(exitCode === ExitCode.interrupted || exitCode === ExitCode.terminated ? [] : [exitCode]),
      ...(interrupted === null ? [] : [interrupted]),
      ...(isHanging ? [ExitCode.internalError] : []),
    ]);
  }

  #tell({ outcome, name, why, again, directory }: NightRun): void {
    const { print } = this.#options;
    if (outcome === 'passed') return;
    print(`  ${name}: ${outcome}`);
    if (why !== null) print(why.replaceAll(/^/gm, '    '));
    if (again !== null) print(`    again: ${again}`);
    if (directory !== null) print(`    kept in ${join(relative('', this.#directory), directory)}`);
  }

  async #night(before: readonly Night[]): Promise<Night> {
    const { command, seed, minutes } = this.#options;
    const environment = await environmentOf({
      runDirectory: this.#directory,
      projectDirectory: PROJECT_DIRECTORY,
    });
    const mutant = this.#mutant === null ? null : { id: this.#mutant.id, what: this.#mutant.what };
    const trend = judgeTrend({ bench: this.#bench, environment }, before, BENCH_MEASURES);
    const isMissed =
      mutant !== null && !this.#parts.some(({ name, outcome }) => name === 'chaos' && outcome === 'failed');
    const isValid = this.#isValid && !isMissed;
    const exitCode = gravest([
      ...this.#parts.map((part) => exitCodeFrom(part.exitCode)),
      ...(isValid ? [] : [ExitCode.verdictUnknown]),
      ...(trend.some(({ verdict }) => verdict === 'worse') ? [ExitCode.thresholdMissed] : []),
    ]);
    return {
      schema: 'stampede.night/1',
      id: basename(this.#directory),
      toolVersion: STAMPEDE_VERSION,
      command: npmCommand(command),
      seed,
      minutes,
      mutant,
      startedAt: this.#startedAt.toISOString(),
      durationMs: this.#elapsedMs,
      environment,
      parts: this.#parts,
      bench: this.#bench,
      trend,
      verdict: {
        passed: exitCode === ExitCode.passed,
        valid: isValid,
        exitCode,
        sentence: verdictSentence({ parts: this.#parts, trend, mutant, isValid: this.#isValid, exitCode }),
      },
    };
  }
}

/** What has befallen one part is no reason to lose the others. */
function failedPart(error: unknown): PartResult {
  const sentence = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: ExitCode.internalError, sentence, runs: [] };
}

function outcomeOf({
  result,
  exitCode,
  isInterrupted,
}: {
  readonly result: PartResult;
  readonly exitCode: ExitCode;
  readonly isInterrupted: boolean;
}): PlayedPart['outcome'] {
  if (result.isSkipped === true) return 'skipped';
  const hasFailed = result.runs.some(({ outcome }) => outcome === 'failed');
  if (isInterrupted && !hasFailed) return 'interrupted';
  return exitCode === ExitCode.passed ? 'passed' : 'failed';
}
