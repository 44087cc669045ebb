import { Progress } from '../../reports/progress.ts';
import { writeReport } from '../../reports/render.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { terminalAbility } from '../../reports/terminal-style.ts';
import { STAMPEDE_VERSION } from '../../server/version.ts';
import { judgeRun } from '../checkers/judge.ts';
import { parseConnectString } from '../client/connect-string.ts';
import { KeeperError, NoSessionError } from '../client/keeper-errors.ts';
import { type Ensemble, EnsembleError } from '../ensemble/ensemble.ts';
import { readTrees } from '../ensemble/read-trees.ts';
import { pause } from '../ensemble/wait-until.ts';
import { environmentOf } from '../history/environment.ts';
import type { History } from '../history/history.ts';
import { readHistory } from '../history/history-reader.ts';
import type { HttpLoadReport, ReportInput } from '../history/report-schema.ts';
import {
  createRunDirectory,
  historyFiles,
  serverDirectory,
  transcriptFiles,
  writeFinalTrees,
  writeRunFile,
  type RunDirectory,
} from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import type { Verification } from '../history/verification.ts';
import type { HttpWorkload } from '../http/http-workload.ts';
import { RunningHttpLoad } from '../http/run-http-load.ts';
import type { LoadControl } from '../load/run-load.ts';
import type { FaultRound } from '../nemesis/fault.ts';
import { RECOVERY_LIMITS } from '../probes/steady.ts';
import { type Baseline, findBaseline } from './baseline.ts';
import { benchReport, configOf, describeTarget } from './bench-report.ts';
import type { Exercise, ExerciseResult } from './exercise.ts';
import { ExitCode } from './exit-code.ts';
import { madeIn } from './made-in.ts';
import { OWN_MAIN, PROJECT_DIRECTORY } from './this-build.ts';
import { type ProbeChoice, RunProbes } from './run-probes.ts';
import type { Target, TargetPlan } from './target.ts';
import type { ThresholdChoice } from './threshold-choice.ts';

export interface LoadRunOptions {
  readonly exercise: Exercise;
  /** What is done to the servers while they are under load, from the start of the measurement on. */
  readonly disturb: ((load: LoadControl, tools: DisturbanceTools) => Promise<void>) | null;
  /** Beside what disturbs the servers; null: none. */
  readonly probes: ProbeChoice | null;
  /** Requests to the ports for operators while it is measured; none unless given. */
  readonly beside?: HttpWorkload | null;
  readonly mustHold: ThresholdChoice;
  /** The directory of the run directories. */
  readonly runsDirectory: string;
  /** As typed, for the report; the command's name first. */
  readonly command: readonly string[];
  /** What was asked for, for run.json. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface DisturbanceTools {
  readonly ensemble: Ensemble;
  readonly note: (line: string) => void;
  /** See `FaultPlan`. */
  readonly onRound: (round: FaultRound) => void;
}

/**
 * What `bench` and `migrate` have in common: start the system under test, load it, do to it under load what is to be
 * done, read everything back, judge the whole history, write the report. Returns the exit code.
 *
 * @throws UsageError before anything is made or started.
 */
export async function runUnderLoad(plan: TargetPlan, options: LoadRunOptions): Promise<number> {
  const baseline = baselineFor(options);
  try {
    await plan.reach();
  } catch (error) {
    return systemFailure(error);
  }
  const { runsDirectory, exercise } = options;
  const run = madeIn(runsDirectory, () =>
    createRunDirectory({ parent: runsDirectory, workload: exercise.name, now: new Date() }),
  );
  const hasApacheServers = plan.field.servers.some(({ program }) => program.startsWith('apache'));
  const target = await plan.create(run.serversDirectory);
  return new LoadRun(options, { run, baseline, target, hasApacheServers }).run();
}

function baselineFor(options: LoadRunOptions): Baseline | null {
  const { baselineDirectory } = options.mustHold;
  if (baselineDirectory === null) return null;
  const { command, exercise } = options;
  return findBaseline(baselineDirectory, {
    command: [...command],
    workload: exercise.name,
    config: settingsOf(options),
  });
}

/** For run.json: everything in force. */
function settingsOf({ exercise, probes, config }: LoadRunOptions): Readonly<Record<string, unknown>> {
  return { ...exercise.config, probes, ...config };
}

/** The exit code for a system under test that does not come up or can't be reached. Anything else is ours: thrown on. */
export function systemFailure(error: unknown): number {
  const isTheirs =
    error instanceof EnsembleError || error instanceof NoSessionError || error instanceof KeeperError;
  if (!isTheirs) throw error;
  process.stderr.write(`The system under test does not serve: ${error.message}\n`);
  return ExitCode.noSystem;
}

class LoadRun {
  readonly #options: LoadRunOptions;
  readonly #run: RunDirectory;
  readonly #target: Target;
  readonly #baseline: Baseline | null;
  readonly #hasApacheServers: boolean;
  readonly #progress = new Progress(process.stdout, process.env);
  readonly #abort = new AbortController();
  readonly #startNs = process.hrtime.bigint();
  readonly #startedAt = new Date();
  readonly #rounds: FaultRound[] = [];
  #interruptedBy: 'SIGINT' | 'SIGTERM' | null = null;
  #death: EnsembleError | null = null;
  #probes: RunProbes | null = null;
  #beside: RunningHttpLoad | null = null;
  #besideEnding: Promise<void> | null = null;
  #besideHttp: HttpLoadReport | null = null;
  #phase = 'start';
  #errors = 0;
  #disturbedFromMs = 0;

  constructor(
    options: LoadRunOptions,
    means: {
      readonly run: RunDirectory;
      readonly target: Target;
      readonly baseline: Baseline | null;
      readonly hasApacheServers: boolean;
    },
  ) {
    this.#options = options;
    this.#run = means.run;
    this.#target = means.target;
    this.#baseline = means.baseline;
    this.#hasApacheServers = means.hasApacheServers;
  }

  async run(): Promise<number> {
    const { exercise, command } = this.#options;
    const { ensemble } = this.#target;
    const stopListening = this.#listenForSignals();
    const runFile = await this.#writeRunFile();
    this.#progress.note(
      `stampede ${command[0] ?? ''}: ${exercise.name} on ${ensemble.name}, seed ${runFile.seed}`,
    );
    ensemble.onWaiting((line) => this.#progress.note(line));
    try {
      const description = await this.#start();
      const result = description === null ? null : await this.#probed(() => this.#exercise());
      if (!this.#abort.signal.aborted && this.#comparesTrees) await this.#compareTrees();
      await ensemble.stop();
      return await this.#report(runFile, description, result);
    } catch (error) {
      this.#progress.end();
      return systemFailure(error);
    } finally {
      await ensemble.stop();
      stopListening();
    }
  }

  /** What was started; null if the run was ended first. */
  async #start(): Promise<ReportInput['target']> {
    const { ensemble } = this.#target;
    try {
      await ensemble.start(this.#abort.signal);
    } catch (error) {
      if (error instanceof EnsembleError && this.#abort.signal.aborted) return null;
      throw error;
    }
    ensemble.onServerDied((error) => this.#serverDied(error));
    return describeTarget(this.#target, configOf(serverDirectory(this.#run, 1).config));
  }

  /** Without its server a load measures nothing; what came before is still worth a report. */
  #serverDied(error: EnsembleError): void {
    this.#death = error;
    this.#progress.end();
    process.stderr.write(`The system under test has failed: ${error.message}\n`);
    this.#abort.abort();
  }

  #exercise(): Promise<ExerciseResult> {
    const { exercise, disturb } = this.#options;
    return exercise.run({
      ensemble: this.#target.ensemble,
      run: this.#run,
      startNs: this.#startNs,
      signal: this.#abort.signal,
      onPhase: (phase) => {
        this.#phase = phase;
        if (phase === 'measure') this.#beginBeside();
        // What is read back then is read as fast as it will go.
        if (phase !== 'final') return;
        void this.#probes?.end();
        void this.#endBeside();
      },
      onProgress: ({ second, opsPerSecond, errors, p99Ms }) => {
        this.#errors += errors;
        this.#progress.update({
          elapsedMs: second * 1000,
          plannedMs: exercise.plannedMs,
          phase: this.#phase,
          opsPerSecond,
          p99Us: p99Ms === null ? null : p99Ms * 1000,
          errors: this.#errors,
        });
      },
      during: disturb === null ? null : (control) => this.#disturb(control),
    });
  }

  /** With probes beside it, where something is disturbed; they come up while the load fills the tree. */
  async #probed<T>(work: () => Promise<T>): Promise<T> {
    const { probes, disturb } = this.#options;
    if (probes !== null && disturb !== null && this.#target.isReal) {
      this.#probes = new RunProbes(this.#target.ensemble, {
        ...probes,
        file: this.#run.probesFile,
        startNs: this.#startNs,
        note: (line) => this.#progress.note(line),
      });
    }
    try {
      return await work();
    } finally {
      await this.#probes?.end();
      await this.#endBeside();
    }
  }

  #beginBeside(): void {
    const { beside = null } = this.#options;
    if (beside === null || this.#beside !== null) return;
    const nowMs = (): number => Number(process.hrtime.bigint() - this.#startNs) / 1e6;
    this.#beside = new RunningHttpLoad(beside, this.#target.ensemble, nowMs);
  }

  /** Any number of times. */
  #endBeside(): Promise<void> {
    this.#besideEnding ??=
      this.#beside?.end().then(({ report }) => {
        this.#besideHttp = report;
      }) ?? null;
    return this.#besideEnding ?? Promise.resolve();
  }

  /** A server on its own has nobody to differ from, and constants are no tree. */
  get #comparesTrees(): boolean {
    return this.#target.isReal && this.#target.ensemble.servers.length > 1;
  }

  async #compareTrees(): Promise<void> {
    const { ensemble, canCrash } = this.#target;
    this.#progress.note(`comparing the trees of ${ensemble.servers.length} servers`);
    const { chroot } = parseConnectString(ensemble.connectString);
    // Of servers that others use as well only what the load has made is known to be at rest.
    const isShared = !canCrash;
    const root = isShared ? chroot + this.#options.exercise.root : '/';
    const { signal } = this.#abort;
    const trees = await readTrees({ servers: ensemble.servers, root, isShared, signal });
    if (!signal.aborted) writeFinalTrees(this.#run, trees);
  }

  async #disturb(load: LoadControl): Promise<void> {
    try {
      await this.#probes?.begin(load.signal);
      this.#disturbedFromMs = load.nowMs();
      await this.#options.disturb?.(load, {
        ensemble: this.#target.ensemble,
        note: (line) => this.#progress.note(line),
        onRound: (round) => this.#rounds.push(round),
      });
      // That all is as before shows only after a while of it.
      if (this.#probes !== null) await pause(RECOVERY_LIMITS.windowMs, load.signal);
    } catch (error) {
      // It did not come back. What it had acknowledged until then is still to be judged.
      if (!(error instanceof EnsembleError)) throw error;
      if (!load.signal.aborted) this.#serverDied(error);
    }
  }

  async #report(
    runFile: RunFile,
    target: ReportInput['target'],
    result: ExerciseResult | null,
  ): Promise<number> {
    const { history, verification } = await this.#verify(runFile);
    const durationMs = Number(process.hrtime.bigint() - this.#startNs) / 1e6;
    writeRunFile(this.#run, {
      ...runFile,
      finished: {
        wall: new Date().toISOString(),
        elapsedNs: durationMs * 1e6,
        how: this.#abort.signal.aborted ? 'interrupted' : 'completed',
      },
      faults: this.#rounds.map(({ step, injectedAtMs, mendedAtMs }) => ({
        ...step,
        atMs: Math.max(0, injectedAtMs - this.#disturbedFromMs),
        forMs: mendedAtMs === null ? null : mendedAtMs - injectedAtMs,
      })),
    });
    const input = benchReport({
      runId: this.#run.id,
      runFile,
      exercise: this.#options.exercise,
      target,
      result,
      rounds: this.#rounds,
      probes: this.#probes?.read() ?? null,
      history,
      verification,
      thresholds: this.#options.mustHold.thresholds,
      baseline: this.#baseline,
      besideHttp: this.#besideHttp,
      durationMs,
      interruptedBy: this.#interruptedBy,
      hasServerDied: this.#death !== null,
    });
    const { report, htmlPath } = await writeReport(this.#run.path, input);
    this.#progress.end();
    const { hasColour } = terminalAbility(process.stdout, process.env);
    process.stdout.write(`${renderTerminal(report, { hasColour, htmlPath }).trimEnd()}\n`);
    return report.verdict?.exitCode ?? ExitCode.internalError;
  }

  async #verify(runFile: RunFile): Promise<{ history: History | null; verification: Verification | null }> {
    const files = historyFiles(this.#run);
    const hasRecords = files.length > 0 || transcriptFiles(this.#run).length > 0;
    if (!this.#target.isReal || !hasRecords) return { history: null, verification: null };
    this.#progress.note('verifying the history');
    const history = files.length === 0 ? null : readHistory(files);
    return {
      history,
      verification: await judgeRun(this.#run, {
        history,
        expectations: runFile.verification,
        seed: runFile.seed,
      }),
    };
  }

  async #writeRunFile(): Promise<RunFile> {
    const { exercise, command } = this.#options;
    const runFile: RunFile = {
      schema: 'stampede.run/1',
      toolVersion: STAMPEDE_VERSION,
      command: [...command],
      main: OWN_MAIN,
      workload: exercise.name,
      config: settingsOf(this.#options),
      seed: exercise.seed,
      environment: await environmentOf({
        runDirectory: this.#run.path,
        projectDirectory: PROJECT_DIRECTORY,
      }),
      started: { wall: this.#startedAt.toISOString(), monotonicNs: String(this.#startNs) },
      verification: {
        ...exercise.expects,
        expectsTrees: this.#comparesTrees,
        ...(this.#hasApacheServers && { hasApacheServers: true }),
      },
    };
    writeRunFile(this.#run, runFile);
    return runFile;
  }

  /** The first signal ends the load and still writes the report; a second one ends the process at once. */
  #listenForSignals(): () => void {
    const listeners = (['SIGINT', 'SIGTERM'] as const).map((signal) => {
      const listener = (): void => {
        if (this.#interruptedBy !== null)
          process.exit(signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated);
        this.#interruptedBy = signal;
        this.#progress.note(`${signal}: ending the load; a second one ends at once`);
        this.#abort.abort();
      };
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    return () => {
      for (const stop of listeners) stop();
    };
  }
}
