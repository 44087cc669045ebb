import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Prng } from '../../server/base/prng.ts';
import { STAMPEDE_VERSION } from '../../server/version.ts';
import { Progress } from '../../reports/progress.ts';
import { writeReport } from '../../reports/render.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { terminalAbility } from '../../reports/terminal-style.ts';
import { KeeperError, NoSessionError } from '../client/keeper-errors.ts';
import { parseConnectString } from '../client/connect-string.ts';
import { EnsembleError } from '../ensemble/ensemble.ts';
import { readTrees } from '../ensemble/read-trees.ts';
import { judgeHistory } from '../checkers/judge.ts';
import { environmentOf } from '../history/environment.ts';
import type { History } from '../history/history.ts';
import { readHistory } from '../history/history-reader.ts';
import type { ReportInput } from '../history/report-schema.ts';
import {
  createRunDirectory,
  historyFiles,
  readFinalTrees,
  serverDirectory,
  writeFinalTrees,
  writeRunFile,
  type RunDirectory,
} from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import type { Verification } from '../history/verification.ts';
import { runLoad, type LoadResult } from '../load/run-load.ts';
import type { Workload } from '../load/workload.ts';
import { type ClientPlacement, parseClientPlacement, placeClients } from './client-placement.ts';
import { benchReport, configOf, describeTarget } from './bench-report.ts';
import { crashServers, type Crash } from './crash-plan.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { planTarget, type Target, type TargetPlan } from './target.ts';

export interface BenchOptions {
  readonly workload: Workload;
  /** See `planTarget`. */
  readonly target: string | undefined;
  readonly servers: string | undefined;
  readonly config: Readonly<Record<string, string>>;
  readonly apacheClasspath?: string | undefined;
  readonly seed: number;
  readonly generators: number;
  /** See `parseClientPlacement`. */
  readonly clients: string;
  /** How often a server is killed under load; undefined for once where it is ours to kill, else not at all. */
  readonly kills: number | undefined;
  /** The directory of the run directories. */
  readonly runsDirectory: string;
  /** As typed, for the report. */
  readonly command: readonly string[];
}

/** Less than this acknowledged is too little to judge anything by. */
const ACKNOWLEDGED_OPS_MIN = 100;
const SLICE_MS = 100;
/** Of many kills, each of which leaves a log file behind, prepared ahead of its use. */
const SMALL_LOGS = { preAllocSize: '1024' };
const PROJECT_DIRECTORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The main job: start the system under test, load it, kill it and start it again under load, read everything
 * back, judge the whole history, write the report. Returns the exit code.
 *
 * @throws UsageError before anything is made or started.
 */
export async function runBench(options: BenchOptions): Promise<number> {
  const plan = planTarget({
    name: options.target,
    servers: options.servers,
    config: (options.kills ?? 0) > 1 ? { ...SMALL_LOGS, ...options.config } : options.config,
    apacheClasspath: options.apacheClasspath,
  });
  const kills = killsOf(options, plan);
  const clients = parseClientPlacement(options.clients, plan.serverCount);
  try {
    await plan.reach();
  } catch (error) {
    return systemFailure(error);
  }
  const run = runDirectoryFor(options);
  const target = await plan.create(run.serversDirectory);
  return new Bench({ ...options, kills, clients }, run, target).run();
}

function killsOf({ kills }: BenchOptions, plan: TargetPlan): number {
  if (kills === undefined) return plan.canCrash ? 1 : 0;
  if (kills === 0 || plan.canCrash) return kills;
  throw new UsageError(`--kills ${kills}: --target ${plan.name} is not this run's to kill; leave it out`);
}

function runDirectoryFor({ runsDirectory, workload }: BenchOptions): RunDirectory {
  try {
    return createRunDirectory({ parent: runsDirectory, workload: workload.name, now: new Date() });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UsageError(
      `--out ${runsDirectory}: no run directory can be made there (${error.message}); name a directory that ` +
        'can be written to',
      { cause: error },
    );
  }
}

/** The exit code for a system under test that does not come up or can't be reached. Anything else is ours: thrown on. */
function systemFailure(error: unknown): number {
  const isTheirs =
    error instanceof EnsembleError || error instanceof NoSessionError || error instanceof KeeperError;
  if (!isTheirs) throw error;
  process.stderr.write(`The system under test does not serve: ${error.message}\n`);
  return ExitCode.noSystem;
}

interface PlannedBench extends Omit<BenchOptions, 'clients'> {
  readonly kills: number;
  readonly clients: ClientPlacement;
}

class Bench {
  readonly #options: PlannedBench;
  readonly #run: RunDirectory;
  readonly #target: Target;
  readonly #progress = new Progress(process.stdout, process.env);
  readonly #abort = new AbortController();
  readonly #startNs = process.hrtime.bigint();
  readonly #startedAt = new Date();
  readonly #crashes: Crash[] = [];
  #interruptedBy: 'SIGINT' | 'SIGTERM' | null = null;
  #death: EnsembleError | null = null;
  #phase = 'start';
  #errors = 0;

  constructor(options: PlannedBench, run: RunDirectory, target: Target) {
    this.#options = options;
    this.#run = run;
    this.#target = target;
  }

  async run(): Promise<number> {
    const { workload } = this.#options;
    const stopListening = this.#listenForSignals();
    const runFile = await this.#writeRunFile();
    this.#progress.note(
      `stampede bench: ${workload.name} on ${this.#target.ensemble.name}, seed ${runFile.seed}`,
    );
    try {
      await this.#target.ensemble.start();
      this.#target.ensemble.onServerDied((error) => this.#serverDied(error));
      const description = await describeTarget(this.#target, configOf(serverDirectory(this.#run, 1).config));
      const load = await this.#load();
      if (!this.#abort.signal.aborted && this.#comparesTrees) await this.#compareTrees();
      await this.#target.ensemble.stop();
      return await this.#report(runFile, description, load);
    } catch (error) {
      this.#progress.end();
      return systemFailure(error);
    } finally {
      await this.#target.ensemble.stop();
      stopListening();
    }
  }

  /** Without its server a load measures nothing; what came before is still worth a report. */
  #serverDied(error: EnsembleError): void {
    this.#death = error;
    this.#progress.end();
    process.stderr.write(`The system under test has failed: ${error.message}\n`);
    this.#abort.abort();
  }

  async #load(): Promise<LoadResult> {
    const { workload, seed, generators, clients } = this.#options;
    return runLoad({
      workload,
      ...(await placeClients(clients, this.#target.ensemble)),
      seed,
      generators,
      run: this.#run,
      startNs: this.#startNs,
      sliceMs: SLICE_MS,
      signal: this.#abort.signal,
      onPhase: (phase) => {
        this.#phase = phase;
      },
      onProgress: ({ second, opsPerSecond, errors, p99Ms }) => {
        this.#errors += errors;
        this.#progress.update({
          elapsedMs: second * 1000,
          plannedMs: (workload.warmupS + workload.durationS) * 1000,
          phase: this.#phase,
          opsPerSecond,
          p99Us: p99Ms === null ? null : p99Ms * 1000,
          errors: this.#errors,
        });
      },
      ...(this.#options.kills > 0 ? { during: (load) => this.#crash(load) } : {}),
    });
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
    const root = canCrash ? '/' : chroot + this.#options.workload.root;
    const { signal } = this.#abort;
    const trees = await readTrees({ servers: ensemble.servers, root, signal });
    if (!signal.aborted) writeFinalTrees(this.#run, trees);
  }

  async #crash(load: Parameters<typeof crashServers>[0]): Promise<void> {
    const { seed, kills, workload } = this.#options;
    const crashing = crashServers(load, {
      ensemble: this.#target.ensemble,
      kills,
      durationMs: workload.durationS * 1000,
      prng: new Prng(seed).fork('crashes'),
      note: (line) => this.#progress.note(line),
      onCrash: (crash) => this.#crashes.push(crash),
    });
    try {
      await crashing;
    } catch (error) {
      // It did not come back. What it had acknowledged until then is still to be judged.
      if (!(error instanceof EnsembleError)) throw error;
      this.#serverDied(error);
    }
  }

  async #report(runFile: RunFile, target: ReportInput['target'], load: LoadResult): Promise<number> {
    const { history, verification } = this.#verify(runFile);
    const durationMs = Number(process.hrtime.bigint() - this.#startNs) / 1e6;
    writeRunFile(this.#run, {
      ...runFile,
      finished: {
        wall: new Date().toISOString(),
        elapsedNs: durationMs * 1e6,
        how: this.#abort.signal.aborted ? 'interrupted' : 'completed',
      },
    });
    const input = benchReport({
      runId: this.#run.id,
      runFile,
      workload: this.#options.workload,
      target,
      load,
      crashes: this.#crashes,
      history,
      verification,
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

  #verify(runFile: RunFile): { history: History | null; verification: Verification | null } {
    if (!this.#target.isReal) return { history: null, verification: null };
    const files = historyFiles(this.#run);
    if (files.length === 0) return { history: null, verification: null };
    this.#progress.note('verifying the history');
    const history = readHistory(files);
    const trees = readFinalTrees(this.#run);
    return { history, verification: judgeHistory(history, runFile.verification, trees) };
  }

  async #writeRunFile(): Promise<RunFile> {
    const { workload, target, servers, config, seed, generators, clients, kills, command } = this.#options;
    mkdirSync(this.#run.serversDirectory, { recursive: true });
    const runFile: RunFile = {
      schema: 'stampede.run/1',
      toolVersion: STAMPEDE_VERSION,
      command: [...command],
      workload: workload.name,
      config: { workload, target, servers, config, generators, clients, kills },
      seed,
      environment: await environmentOf({
        runDirectory: this.#run.path,
        projectDirectory: PROJECT_DIRECTORY,
      }),
      started: { wall: this.#startedAt.toISOString(), monotonicNs: String(this.#startNs) },
      verification: {
        acknowledgedOpsMin: ACKNOWLEDGED_OPS_MIN,
        expectsFinalReads: true,
        expectsTrees: this.#comparesTrees,
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
