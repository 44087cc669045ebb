import { formatDuration, formatRate } from '../../reports/format.ts';
import { writeKnee } from '../../reports/saturation/write-series.ts';
import { formatAssigned } from '../../reports/threshold-figures.ts';
import type { ThresholdResult } from '../history/report-schema.ts';
import { type KneeRun, KNEE_SCHEMA } from '../history/saturation-schema.ts';
import { RATE_MAX } from '../load/workload.ts';
import {
  type Bracket,
  findKnee,
  type KneeStep,
  type StepOutcome,
  throughputFloor,
} from '../saturation/find-knee.ts';
import { ExitCode } from './exit-code.ts';
import { Interruption } from './interruption.ts';
import { endedEarly, type SeriesEnd, type SeriesOptions, type SeriesRun, SeriesRuns } from './series-runs.ts';

export interface FindKneeOptions extends SeriesOptions {
  /** What must hold at a rate: see `parseThreshold`. */
  readonly slo: readonly string[];
}

/** Where the search begins unless the workload has a rate. */
const RATE_FIRST = 1_000;
/** So many times as long as the others are the runs by which the result stands. */
const VERIFY_FACTOR = 3;

const OUTCOMES: ReadonlyMap<number | null, StepOutcome> = new Map<number | null, StepOutcome>([
  [ExitCode.passed, 'sustained'],
  [ExitCode.thresholdMissed, 'missed'],
  // Too little was acknowledged to judge it by, or not all could be read back in time: it was too much.
  [ExitCode.verdictUnknown, 'missed'],
  [ExitCode.generatorLimited, 'limited'],
]);

/**
 * `bench --find-knee`: the highest open-loop rate of a workload that a target sustains (`findKnee`), each rate in a run of its
 * own on a fresh ensemble to which nothing is done. It is sustained if the SLO holds, the history is valid, what was done
 * reaches the rate and the load generator kept up. Leaves `knee.json`, `knee.html` and `knee.md` beside the runs, with all
 * there is until then when it is interrupted.
 *
 * 99 if no rate at all is sustained, 102 if the generator was the limit; a run that comes to no such outcome ends the search
 * with its exit code.
 *
 * @throws UsageError for what `bench` refuses.
 */
export async function runFindKnee(options: FindKneeOptions): Promise<ExitCode> {
  const interruption = new Interruption();
  try {
    return await new KneeSearch(options, interruption).run();
  } finally {
    interruption.stop();
  }
}

class KneeSearch {
  readonly #options: FindKneeOptions;
  readonly #interruption: Interruption;
  readonly #runs: SeriesRuns;
  readonly #steps: KneeRun[] = [];

  constructor(options: FindKneeOptions, interruption: Interruption) {
    this.#options = options;
    this.#interruption = interruption;
    this.#runs = new SeriesRuns('knee', options);
  }

  async run(): Promise<ExitCode> {
    const { workload, slo, print } = this.#options;
    const from = workload.rate ?? RATE_FIRST;
    print(`looking for the highest rate with ${slo.join(', ')}, from ${formatRate(from)} ops/s`);
    const search = findKnee({ from, max: RATE_MAX });
    let next = search.next();
    while (next.done !== true) {
      const outcome = await this.#play(next.value);
      if (typeof outcome !== 'string') return this.#finish(next.value.known, outcome);
      next = search.next(outcome);
    }
    return this.#finish(next.value, null);
  }

  /** What came of it, or what has ended the search. */
  async #play({ rate, purpose, attempt }: KneeStep): Promise<StepOutcome | SeriesEnd> {
    const { slo, workload, print } = this.#options;
    const seconds = workload.durationS * (purpose === 'verify' ? VERIFY_FACTOR : 1);
    const again = attempt === 1 ? '' : ', again';
    print(`${this.#runs.elapsed}  ${formatRate(rate)} ops/s for ${formatDuration(seconds * 1000)}${again}`);
    // The workload's own thresholds may be for its own rate.
    const load = ['thresholds=', `rate=${rate}`, `durationS=${seconds}`].flatMap((one) => ['--with', one]);
    const must = [...slo, `throughput>=${throughputFloor(rate, seconds)}`];
    const thresholds = must.flatMap((expression) => ['--threshold', expression]);
    const run = await this.#runs.play(['--rounds', '0', ...load, ...thresholds], this.#interruption.signal);
    if (this.#interruption.exitCode !== null) return { exitCode: this.#interruption.exitCode, run: null };
    const outcome = OUTCOMES.get(run.exitCode);
    if (outcome === undefined) return endedEarly(run);
    const measured = run.report?.verdict?.thresholds ?? [];
    this.#steps.push({ rate, purpose, attempt, outcome, thresholds: measured, ...run.figures });
    print(`  ${outcome}: ${inWords(run)}`);
    return outcome;
  }

  /** What was not held there, the last time. */
  #missedAt(rate: number | null): string {
    const thresholds = this.#steps.findLast((step) => step.rate === rate)?.thresholds ?? [];
    const missed = thresholds.filter(({ passed }) => passed !== true);
    return missed.length === 0 ? 'its history could not be judged' : measuredIn(missed);
  }

  async #finish(found: Bracket, end: SeriesEnd | null): Promise<ExitCode> {
    const { slo, print } = this.#options;
    const exitCode = end?.exitCode ?? exitCodeOf(found);
    const sentence =
      end === null ? sentenceOf(found, slo, this.#missedAt(found.failing)) : partialSentence(found, end);
    const series = await this.#runs.describe({ isInterrupted: end !== null });
    const page = writeKnee(this.#runs.directory, {
      schema: KNEE_SCHEMA,
      ...series,
      workload: { ...series.workload, loop: 'open', ratePerSecond: null, inFlightMax: null },
      exitCode,
      sentence,
      slo: [...slo],
      ...found,
      isVerified: end === null && found.sustained !== null,
      steps: this.#steps,
    });
    print(`\n${sentence}\n\nreport: ${page}`);
    return exitCode;
  }
}

/** Of a run that came to no thresholds why. */
function inWords({ report, sentence }: SeriesRun): string {
  const thresholds = report?.verdict?.thresholds ?? [];
  return thresholds.length === 0 ? sentence : measuredIn(thresholds);
}

/** `write.p99=3.1ms, throughput=7,990ops/s`. */
function measuredIn(thresholds: readonly ThresholdResult[]): string {
  return thresholds
    .map(({ expression, name, actual, unit, note }) =>
      actual === null
        ? `${expression} (${note ?? 'not measured'})`
        : formatAssigned(name ?? expression, actual, unit),
    )
    .join(', ');
}

function exitCodeOf({ sustained, failingBy }: Bracket): ExitCode {
  if (failingBy === 'limited') return ExitCode.generatorLimited;
  return sustained === null ? ExitCode.thresholdMissed : ExitCode.passed;
}

function sentenceOf(
  { sustained, failing, failingBy }: Bracket,
  slo: readonly string[],
  missed: string,
): string {
  const highest = sustained === null ? 'No rate is sustained' : `Sustained ${formatRate(sustained)} ops/s`;
  const why =
    failingBy === 'limited'
      ? 'the load generator could not keep up, and the servers may sustain more: give it more --generators'
      : missed;
  const end =
    failing === null ? 'and no higher rate can be asked for' : `not ${formatRate(failing)} ops/s: ${why}`;
  return `${highest} with ${slo.join(', ')}; ${end}.`;
}

function partialSentence({ sustained, failing }: Bracket, { run }: SeriesEnd): string {
  const why = run === null ? 'Interrupted' : `A run has ended the search (${run.sentence})`;
  const least =
    sustained === null ? 'no rate was seen to be sustained' : `${formatRate(sustained)} ops/s was sustained`;
  const most = failing === null ? '' : `, and ${formatRate(failing)} ops/s was not`;
  return `${why}: until then ${least}${most}.`;
}
