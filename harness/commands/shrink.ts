import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDirectoryAt } from '../history/run-directory.ts';
import type { PlanDocument } from '../nemesis/plan/plan.ts';
import { formatPlan } from '../nemesis/plan/write-plan.ts';
import { describeScenario, endOf, type Scenario } from '../shrink/scenario.ts';
import { search } from '../shrink/search.ts';
import { npmCommand, shellLine } from './command-line.ts';
import { ExitCode } from './exit-code.ts';
import { type FailedRun, readFailedRun } from './failed-run.ts';
import { describeFinding, type Finding } from './finding.ts';
import { Interruption } from './interruption.ts';
import { OWN_MAIN } from './this-build.ts';
import { TimeLimit } from './time-limit.ts';
import { describeTrials, type Trial, TrialRuns } from './trial-runs.ts';

export interface ShrinkOptions {
  readonly runDirectory: string;
  /** How often a candidate is played before it counts as one that does not fail. */
  readonly tries: number;
  /** Then the best so far has to do. */
  readonly minutes: number;
  /** Gets `plan.yaml`, and a directory with the run directory of the last run that failed. */
  readonly out: string;
  readonly print: (line: string) => void;
}

/**
 * `shrink`: from a run of `chaos` whose history was not valid to the fewest faults and clients and the shortest times with
 * which it is found guilty of the same again, written as a plan that `chaos --plan` plays as a regression. Whenever it
 * is ended, by a signal or because its time is over, the file has the smallest that has failed so far.
 *
 * 103 if the run as it was does not fail again: the file is then a plan of all of it.
 *
 * @throws UsageError for what is no such run, or cannot be played again.
 */
export async function runShrink(options: ShrinkOptions): Promise<ExitCode> {
  const failed = readFailedRun(runDirectoryAt(options.runDirectory));
  const interruption = new Interruption();
  const limit = new TimeLimit(options.minutes * 60_000, interruption.signal);
  const runs = new TrialRuns({
    main: failed.main ?? OWN_MAIN,
    out: options.out,
    sought: failed.findings,
    signal: limit.signal,
  });
  const shrinking = new Shrinking(failed, runs, options);
  try {
    const isReproduced = await shrinking.run();
    if (interruption.exitCode !== null) return interruption.exitCode;
    return isReproduced ? ExitCode.passed : ExitCode.notReproduced;
  } finally {
    runs.end();
    limit.end();
    interruption.stop();
  }
}

class Shrinking {
  readonly #failed: FailedRun;
  readonly #runs: TrialRuns;
  readonly #options: ShrinkOptions;
  readonly #file: string;
  readonly #original: Scenario;
  readonly #startedMs = performance.now();
  /** The smallest that has failed; before that what is to fail again. */
  #best: Scenario;
  #bestTrials: readonly Trial[] = [];
  #candidates = 0;
  #tries = 0;

  constructor(failed: FailedRun, runs: TrialRuns, options: ShrinkOptions) {
    const { plan, settings } = failed;
    this.#failed = failed;
    this.#runs = runs;
    this.#options = options;
    this.#file = join(options.out, 'plan.yaml');
    this.#original = {
      steps: plan.steps,
      quorumAlone: plan.quorumAlone,
      participants: settings.participants,
      timeMs: Math.max(settings.timeS * 1000, endOf(plan.steps)),
      isProbed: settings.probes !== null,
    };
    this.#best = this.#original;
  }

  /** @returns whether it has failed again. */
  async run(): Promise<boolean> {
    const { print, tries, minutes } = this.#options;
    const { findings, main } = this.#failed;
    print(describeFinding(findings[0]));
    if (main === null) print('what has run it is not there any more: it is played by this build');
    else if (main !== OWN_MAIN) print(`played by ${main}, as it was`);
    this.#write();
    const again = await this.#fails(this.#original);
    if (again !== true) {
      print(
        again === null
          ? `It had not failed again when it was ended (--minutes ${minutes}), and so is not made smaller.`
          : `It did not fail again, and so is not made smaller. If it seldom does, give more than --tries ${tries}.`,
      );
      this.#tellWhere();
      return false;
    }
    const isThrough = (await this.#search()) && (await this.#confirm());
    print(`${describeScenario(this.#original)}\n→ ${describeScenario(this.#best)}`);
    print(
      `${this.#candidates} candidates in ${this.#tries} tries; the smallest ${describeTrials(this.#bestTrials)}`,
    );
    if (!isThrough) print('That was not all: with more --minutes it may become smaller.');
    print(describeFinding(this.#finding));
    print(`seen in ${this.#runs.lastFailed?.path}`);
    this.#tellWhere();
    return true;
  }

  /** @returns whether it came to its end. */
  async #search(): Promise<boolean> {
    const { voters, failedAtMs } = this.#failed;
    const candidates = search(this.#original, { voters, failedAtMs });
    for (let next = candidates.next(); next.done !== true;) {
      const isFailing = await this.#fails(next.value);
      if (isFailing === null) return false;
      next = candidates.next(isFailing);
    }
    return true;
  }

  /** Null: it was ended before that was known. What fails is the best so far. */
  async #fails(scenario: Scenario): Promise<boolean | null> {
    const trials = await this.#play(scenario, { untilItFails: true });
    if (trials === null) return null;
    this.#candidates++;
    this.#options.print(`${this.#elapsed}  ${describeScenario(scenario)}: ${describeTrials(trials)}`);
    const isFailing = trials.some(({ finding }) => finding !== null);
    if (isFailing) this.#best = scenario;
    // Also of the run as it was, of which they tell that it did not fail again.
    if (scenario === this.#best) this.#bestTrials = trials;
    this.#write();
    return isFailing;
  }

  /** Sees how often the smallest fails. @returns whether it came to its end. */
  async #confirm(): Promise<boolean> {
    const trials = await this.#play(this.#best, { untilItFails: false });
    if (trials === null) return false;
    this.#bestTrials = [...this.#bestTrials, ...trials];
    this.#write();
    return true;
  }

  async #play(
    scenario: Scenario,
    { untilItFails }: { readonly untilItFails: boolean },
  ): Promise<readonly Trial[] | null> {
    const { tries } = this.#options;
    const trials = await this.#runs.play(this.#documentOf(scenario), { tries, untilItFails });
    this.#tries += trials?.length ?? 0;
    return trials;
  }

  /** Of the best so far. */
  get #finding(): Finding {
    return this.#bestTrials.findLast(({ finding }) => finding !== null)?.finding ?? this.#failed.findings[0];
  }

  /** Minutes and seconds: ` 2:05`. */
  get #elapsed(): string {
    const seconds = Math.floor((performance.now() - this.#startedMs) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`;
  }

  #tellWhere(): void {
    const { print } = this.#options;
    const { main } = this.#failed;
    const isOther = main !== null && main !== OWN_MAIN;
    print(`plan:  ${this.#file}`);
    print(`again: ${isOther ? shellLine(['node', main, ...this.#command]) : npmCommand(this.#command)}`);
  }

  get #command(): string[] {
    return ['chaos', '--plan', this.#file];
  }

  #documentOf({ steps, quorumAlone, participants, timeMs, isProbed }: Scenario): PlanDocument {
    const { plan, settings } = this.#failed;
    return {
      plan: { ...plan, steps, quorumAlone },
      run: { ...settings, participants, timeS: timeMs / 1000, ...(!isProbed && { probes: null }) },
    };
  }

  /** The best so far. */
  #write(): void {
    const played =
      this.#bestTrials.length === 0 ? 'was not played again yet' : describeTrials(this.#bestTrials);
    const comment = [
      describeFinding(this.#finding),
      `From ${this.#options.runDirectory}; it ${played}. Again:`,
      npmCommand(this.#command),
    ];
    writeFileSync(this.#file, formatPlan(this.#documentOf(this.#best), comment));
  }
}
