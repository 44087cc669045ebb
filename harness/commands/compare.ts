import { mkdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { writeComparison } from '../../reports/comparison/write-comparison.ts';
import { renderComparisonTerminal } from '../../reports/comparison/terminal.ts';
import { terminalAbility } from '../../reports/terminal-style.ts';
import { Prng } from '../../server/base/prng.ts';
import { STAMPEDE_VERSION } from '../../server/version.ts';
import type { Arm } from '../compare/arm.ts';
import { conclusionOf } from '../compare/conclusion.ts';
import { judgeRounds } from '../compare/judge-rounds.ts';
import { type Measure, measuresFor } from '../compare/measures.ts';
import { leaveOutLate } from '../compare/leave-out-late.ts';
import { isEmpty, readRound } from '../compare/read-round.ts';
import type { Comparison, ComparisonFinding, ComparisonRound } from '../history/comparison-schema.ts';
import { environmentOf } from '../history/environment.ts';
import { plannedLooks } from '../stats/looks.ts';
import { runDirectoriesIn } from '../history/run-directory.ts';
import { type ArmPlan, type CommonSettings, planArm, revisionsIn } from './compare-arms.ts';
import { npmCommand } from './command-line.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { directoryForSeveral, removeBulkOf, reportIn } from './finished-run.ts';
import { runHarness } from './harness-child.ts';
import { Interruption } from './interruption.ts';
import { RevisionBuild } from './revision-build.ts';
import { OWN_MAIN, PROJECT_DIRECTORY } from './this-build.ts';

export interface CompareOptions {
  /** At least two; the others are held against the first. */
  readonly arms: readonly Arm[];
  readonly common: CommonSettings;
  /** Of each arm, if it is not decided before. */
  readonly roundsMax: number;
  /** Over all that is compared; see `comparisonSchema`. */
  readonly alpha: number;
  readonly effect: number;
  readonly seed: number;
  /** A measure that is worse is as a threshold that was missed. */
  readonly failsOnWorse: boolean;
  readonly runsDirectory: string;
  /** As typed, for the report; the command's name first. */
  readonly command: readonly string[];
  readonly print: (line: string) => void;
}

/** Of a round, on the terminal: the first of them matter most. */
const FIGURES_SHOWN = 4;
/** So many rounds of one arm one after the other that did not come to anything, and there is no sense in more. */
const FAILURES_MAX = 3;

/**
 * `compare`: rounds of `bench` on each arm in turn, in an order drawn anew each time, each on a fresh ensemble and
 * verified, until every measure of every arm is decided against the first or there have been as many rounds as
 * allowed. Whenever it ends there is a report of all rounds until then.
 *
 * @throws UsageError or WorkloadError before anything is started.
 */
export async function runCompare(options: CompareOptions): Promise<ExitCode> {
  if (options.arms.length < 2) {
    throw new UsageError(
      'There is nothing to compare with: give two arms, as in --set tickTime=500 --vs tickTime=2000, or ' +
        '--arm ours --arm apache',
    );
  }
  const builds = new Map<string, RevisionBuild>();
  try {
    for (const revision of revisionsIn(options.arms)) {
      options.print(`building the server of ${revision}`);
      builds.set(revision, await RevisionBuild.of(revision));
    }
    const plans = options.arms.map((arm) =>
      planArm(arm, options.common, (revision) => builds.get(revision)?.directory ?? ''),
    );
    return await new Comparing(options, plans).run();
  } finally {
    for (const build of builds.values()) build.remove();
  }
}

type End = Comparison['ended'];

class Comparing {
  readonly #options: CompareOptions;
  readonly #plans: readonly ArmPlan[];
  readonly #measures: readonly Measure[];
  readonly #directory: string;
  readonly #prng: Prng;
  readonly #interruption = new Interruption();
  readonly #startedAt = new Date();
  readonly #rounds: ComparisonRound[] = [];
  readonly #looks: readonly number[];
  #lookedAfter = 0;
  #findings: readonly ComparisonFinding[] = [];
  /** What ended it that should not have happened; null: nothing. */
  #failure: ExitCode | null = null;

  constructor(options: CompareOptions, plans: readonly ArmPlan[]) {
    this.#options = options;
    this.#plans = plans;
    this.#measures = measuresFor({
      hasFault: plans.some(({ fault }) => fault !== null),
      isOpenLoop: plans.some(({ isOpenLoop }) => isOpenLoop),
    });
    this.#looks = plannedLooks(options.roundsMax);
    this.#prng = new Prng(options.seed).fork('rounds');
    this.#directory = directoryForSeveral(options.runsDirectory, 'compare', this.#startedAt);
  }

  async run(): Promise<ExitCode> {
    const { print, seed, failsOnWorse } = this.#options;
    print(`comparing ${this.#plans.map(({ name }) => name).join(' with ')}, seed ${seed}`);
    const ended = await this.#playRounds();
    this.#interruption.stop();
    // Nobody looks again: what certainty there is left to be spent goes into this one.
    if (ended === 'interrupted' && this.#rounds.length > 0) this.#lookAfter(this.#options.roundsMax);
    const comparison = await this.#comparison(ended);
    const { htmlPath } = writeComparison(this.#directory, comparison);
    const { hasColour } = terminalAbility(process.stdout, process.env);
    print(renderComparisonTerminal(comparison, { hasColour, htmlPath }).trimEnd());
    if (this.#failure !== null) return this.#failure;
    if (this.#interruption.exitCode !== null) return this.#interruption.exitCode;
    const isWorse = this.#findings.some(({ verdict }) => verdict === 'worse');
    return isWorse && failsOnWorse ? ExitCode.thresholdMissed : ExitCode.passed;
  }

  async #playRounds(): Promise<End> {
    const { roundsMax, seed } = this.#options;
    const arms = this.#plans.map((_, index) => index);
    for (let count = 1; count <= roundsMax; count++) {
      for (const arm of this.#prng.shuffled(arms)) {
        const round = await this.#play(arm, seed + count);
        if (round === null) return 'interrupted';
        this.#rounds.push(round);
        this.#failure = this.#failureAfter(round);
        if (this.#failure !== null) return 'failed';
      }
      if (this.#looks.includes(count) && this.#lookAfter(count)) return 'decided';
    }
    return 'rounds';
  }

  /** @returns whether nothing is left to be decided. */
  #lookAfter(rounds: number): boolean {
    const { roundsMax, alpha, effect } = this.#options;
    this.#findings = judgeRounds(
      leaveOutLate(this.#rounds, this.#measures),
      { rounds, roundsBefore: this.#lookedAfter },
      { arms: this.#plans.map(({ name }) => name), measures: this.#measures, alpha, roundsMax, effect },
    );
    this.#lookedAfter = rounds;
    return this.#findings.every(({ verdict }) => verdict !== 'undecided');
  }

  /** Null if it was interrupted. @throws UsageError for what `bench` refuses. */
  async #play(arm: number, seed: number): Promise<ComparisonRound | null> {
    const { name = '', flags = [] } = this.#plans[arm] ?? {};
    const number = this.#rounds.length + 1;
    const out = join(this.#directory, 'rounds', String(number).padStart(3, '0'));
    mkdirSync(out, { recursive: true });
    const args = ['bench', ...flags, '--seed', String(seed), '--out', out];
    const { exitCode, errors } = await runHarness(OWN_MAIN, args, this.#interruption.signal);
    if (this.#interruption.signal.aborted) return null;
    if (exitCode === ExitCode.usage) throw new UsageError(`${name}: ${errors.trim()}`);
    const run = runDirectoriesIn(out)[0] ?? null;
    const report = run === null ? null : reportIn(run);
    const read = readRound({ exitCode, report, errors }, this.#measures);
    const round: ComparisonRound = {
      number,
      arm,
      seed,
      runDirectory: run === null ? null : relative(this.#directory, run.path),
      exitCode,
      ...read,
    };
    if (run !== null && read.excluded === null) removeBulkOf(run);
    this.#options.print(describeRound(round, name, this.#measures));
    return round;
  }

  /** A wrong history says more than any comparison; servers that do not serve cannot be compared. */
  #failureAfter({ arm, exitCode }: ComparisonRound): ExitCode | null {
    if (exitCode === ExitCode.historyInvalid) return ExitCode.historyInvalid;
    const last = this.#rounds.filter((round) => round.arm === arm).slice(-FAILURES_MAX);
    if (last.length < FAILURES_MAX || !last.every(isEmpty)) return null;
    if (exitCode === ExitCode.passed) return ExitCode.generatorLimited;
    return Object.values(ExitCode).find((code) => code === exitCode) ?? ExitCode.internalError;
  }

  async #comparison(ended: End): Promise<Comparison> {
    const { command, seed, alpha, effect, roundsMax } = this.#options;
    const parts = {
      arms: this.#plans.map(({ name, flags }) => ({ name, flags: [...flags] })),
      measures: this.#measures.map(({ name, label, unit, better }) => ({ name, label, unit, better })),
      rounds: leaveOutLate(this.#rounds, this.#measures),
      findings: [...this.#findings],
    };
    return {
      schema: 'stampede.comparison/1',
      id: basename(this.#directory),
      toolVersion: STAMPEDE_VERSION,
      command: npmCommand(command),
      seed,
      startedAt: this.#startedAt.toISOString(),
      durationMs: Date.now() - this.#startedAt.getTime(),
      ended,
      environment: await environmentOf({
        runDirectory: this.#directory,
        projectDirectory: PROJECT_DIRECTORY,
      }),
      rules: { roundsMax, alpha, effect },
      ...parts,
      conclusion: conclusionOf({ ...parts, ended }),
    };
  }
}

function describeRound(round: ComparisonRound, name: string, measures: readonly Measure[]): string {
  const figures = measures.flatMap(({ name: measure, unit }) => {
    const value = round.values[measure];
    return typeof value === 'number' ? [`${measure} ${Number(value.toPrecision(3))} ${unit}`] : [];
  });
  const [doubt] = Object.entries(round.doubts);
  const leftOut = doubt === undefined ? [] : [`${doubt[0]} left out: ${doubt[1]}`];
  const what =
    round.excluded === null
      ? [...figures.slice(0, FIGURES_SHOWN), ...leftOut].join(', ')
      : `left out: ${round.excluded}`;
  return `${String(round.number).padStart(3)}  ${name}: ${what}`;
}
