import { EnsembleError } from '../ensemble/ensemble.ts';
import { formatServerAddress, parseConnectString } from '../client/connect-string.ts';
import { historyFile } from '../history/run-directory.ts';
import type { RunDirectory } from '../history/run-directory.ts';
import { isWrite, Phase } from '../history/op.ts';
import type { GeneratorCheck, OpTotals, PhaseName, ReportPhase, Timeline } from '../history/report-schema.ts';
import { removeRoot } from './remove-root.ts';
import type {
  ConnectionChange,
  GeneratorCommand,
  GeneratorConfig,
  GeneratorMessage,
  GeneratorSummary,
  PhaseReport,
  SliceReport,
} from './generator-messages.ts';
import { GeneratorProcess } from './generator-process.ts';
import { judgeGenerator } from './judge-generator.ts';
import { LatencyLog } from './latency-log.ts';
import { StallWatch } from './stall-watch.ts';
import { TimelineCollector } from './timeline-collector.ts';
import type { LoadProgress } from './timeline-collector.ts';
export type { LoadProgress } from './timeline-collector.ts';
import { TotalsCollector } from './totals-collector.ts';
import type { Workload } from './workload.ts';

export interface LoadOptions {
  readonly workload: Workload;
  /** A chroot is put before the workload's root. */
  readonly connectString: string;
  /** Where in the connect string connections begin, in turn: all of it unless told. */
  readonly firstServers?: readonly number[];
  readonly seed: number;
  /** Processes to divide the connections among; 1 unless told. */
  readonly generators?: number;
  /** Gets `history/*.history` and `latency.hlog`; without it nothing is recorded. */
  readonly run?: RunDirectory;
  /** Zero of all times, `process.hrtime.bigint()`; now unless told. */
  readonly startNs?: bigint;
  readonly sessionTimeoutMs?: number;
  /** From connecting to having a session, before another server is tried. */
  readonly connectTimeoutMs?: number;
  /** Length of a timeline interval, 100 to 1000. */
  readonly sliceMs?: number;
  /** What succeeds later does not count as available. */
  readonly deadlineMs?: number;
  /** An open loop's arrival that cannot be sent for so long is given up. */
  readonly abandonAfterMs?: number;
  /** How long to wait for what is in flight when the load is over. */
  readonly drainMs?: number;
  /** While the tree is filled: after so long without an answer it is given up. */
  readonly fillStallMs?: number;
  readonly finalReadTimeoutMs?: number;
  /** Of the p99 of an open loop's schedule lag; 1 unless told. */
  readonly lagBudgetMs?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly onPhase?: (phase: 'prepare' | PhaseName) => void;
  /**
   * Runs beside the measurement, from its start: the place for faults. The measurement lasts as long as the
   * workload says, and longer if this does.
   */
  readonly during?: (load: LoadControl) => Promise<void>;
  /**
   * Runs after the load and before the keys are read back: the place to heal what was broken.
   */
  readonly beforeFinalRead?: () => Promise<void>;
  /** Ends the load early; what was measured until then is reported. */
  readonly signal?: AbortSignal;
}

export interface LoadControl {
  /** Milliseconds since the run's start: the clock of every figure in the result. */
  nowMs(): number;
  /** Operations that end from now on count to this phase. Resolves when every generator knows. */
  enterPhase(phase: 'measure' | 'crash' | 'recovery'): Promise<void>;
  /**
   * Whether a write is known to have been acknowledged in an interval of the timeline that began after `sinceMs`; any
   * operation, where the workload has no writes.
   */
  hasAcknowledged(sinceMs: number): boolean;
  /** Aborted when the load ends early. */
  readonly signal: AbortSignal;
}

export interface LoadResult {
  readonly phases: readonly ReportPhase[];
  readonly totals: readonly OpTotals[];
  readonly timeline: Timeline;
  readonly generator: GeneratorCheck;
  /** When sessions were connected, lost and expired, over all generators, in order of time. */
  readonly connectionChanges: readonly {
    readonly tMs: number;
    readonly change: ConnectionChange['change'];
  }[];
  /** Whether every key could be read back at the end; a history without that cannot show that nothing was lost. */
  readonly isFinalReadComplete: boolean;
  readonly historyOps: number;
  readonly isInterrupted: boolean;
}

const DEFAULTS = {
  generators: 1,
  sessionTimeoutMs: 10_000,
  connectTimeoutMs: 1_000,
  sliceMs: 1_000,
  deadlineMs: 1_000,
  abandonAfterMs: 10_000,
  drainMs: 5_000,
  fillStallMs: 30_000,
  finalReadTimeoutMs: 30_000,
  lagBudgetMs: 1,
} as const;

/**
 * Puts a workload on an ensemble: fills the tree, warms up, measures, reads everything back.
 *
 * The generators are processes of their own and end with this one.
 * @throws Error when no session can be had in time; EnsembleError when it stops answering before the tree is full;
 * GeneratorError when a generator does not live to the end.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const load = new Load(options);
  try {
    return await load.run();
  } finally {
    load.killGenerators();
  }
}

class Load {
  readonly #options: LoadOptions & Required<Pick<LoadOptions, keyof typeof DEFAULTS | 'firstServers'>>;
  readonly #startNs: bigint;
  readonly #signal: AbortSignal;
  readonly #generators: GeneratorProcess[];
  readonly #totals = new TotalsCollector();
  readonly #timeline: TimelineCollector;
  readonly #log: LatencyLog | null;
  readonly #changes: ConnectionChange[] = [];
  readonly #measured: PhaseReport[] = [];
  readonly #summaries: GeneratorSummary[] = [];
  readonly #fillWatch: StallWatch;
  /** When the last interval began in which something was acknowledged that counts for `hasAcknowledged`. */
  #acknowledgedMs = -Infinity;

  constructor(options: LoadOptions) {
    this.#options = { ...DEFAULTS, ...withoutUndefined(options), ...withChrootInRoot(options) };
    const { generators, workload, sliceMs, onProgress, run } = this.#options;
    const count = Math.min(generators, workload.connections);
    this.#fillWatch = new StallWatch(this.#options.fillStallMs);
    this.#startNs = options.startNs ?? process.hrtime.bigint();
    this.#signal = options.signal ?? new AbortController().signal;
    this.#timeline = new TimelineCollector({
      sliceMs,
      generators: count,
      onProgress: onProgress ?? (() => {}),
    });
    this.#log = run === undefined ? null : new LatencyLog(run.latencyLog, Date.now() - this.#nowMs());
    this.#generators = Array.from(
      { length: count },
      () => new GeneratorProcess((message) => this.#received(message)),
    );
  }

  async run(): Promise<LoadResult> {
    const { workload, drainMs, finalReadTimeoutMs, beforeFinalRead, onPhase } = this.#options;
    onPhase?.('prepare');
    // Filling takes as long as it takes: it is what an interruption need not wait for.
    const isPrepared = await Promise.race([this.#prepare(), this.#aborted(), this.#stalled()]);
    this.#fillWatch.end();
    if (!isPrepared) {
      this.#log?.close();
      return this.#result({ isFinalReadComplete: false, isInterrupted: true });
    }
    onPhase?.('warmup');
    await this.#all({ type: 'start', phase: 'warmup', historyPhase: Phase.warmup });
    await this.#sleep(workload.warmupS * 1000);
    await this.#enterPhase('measure');
    await Promise.all([this.#sleep(workload.durationS * 1000), this.#options.during?.(this.#control())]);
    await this.#all({ type: 'stop', drainMs });

    const isInterrupted = this.#signal.aborted;
    if (!isInterrupted) await beforeFinalRead?.();
    const isFinalReadComplete = !isInterrupted && (await this.#finalRead(finalReadTimeoutMs));
    await this.#all({ type: 'finish' });
    this.#log?.close();
    return this.#result({ isFinalReadComplete, isInterrupted });
  }

  async #prepare(): Promise<true> {
    const { workload, connectString } = this.#options;
    await removeRoot(connectString, workload.root);
    await Promise.all(
      this.#generators.map((one, i) => one.execute({ type: 'init', config: this.#configOf(i) })),
    );
    await this.#generators[0]?.execute({ type: 'create-root' });
    await this.#all({ type: 'prepare' });
    return true;
  }

  /** Rejects when nothing is answered any more although the tree is not full yet. */
  async #stalled(): Promise<never> {
    await this.#fillWatch.stalled();
    const { fillStallMs, connectString } = this.#options;
    const words = `${connectString} has answered nothing for ${fillStallMs / 1000} s`;
    throw new EnsembleError(`${words} while the workload's znodes were being made`);
  }

  #aborted(): Promise<false> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) resolve(false);
      else this.#signal.addEventListener('abort', () => resolve(false), { once: true });
    });
  }

  killGenerators(): void {
    for (const generator of this.#generators) generator.kill();
  }

  #finalRead(deadlineMs: number): Promise<boolean> {
    this.#options.onPhase?.('final');
    return this.#all({ type: 'final-read', deadlineMs });
  }

  #control(): LoadControl {
    return {
      nowMs: () => this.#nowMs(),
      enterPhase: (phase) => this.#enterPhase(phase),
      hasAcknowledged: (sinceMs) => this.#acknowledgedMs >= sinceMs,
      signal: this.#signal,
    };
  }

  /** To the history all of it is measured: what was broken when is in the report's events. */
  async #enterPhase(phase: 'measure' | 'crash' | 'recovery'): Promise<void> {
    this.#options.onPhase?.(phase);
    await this.#all({ type: 'phase', phase, historyPhase: Phase.measure });
  }

  /** @returns whether every generator carried the command out completely. */
  async #all(command: GeneratorCommand): Promise<boolean> {
    const done = await Promise.all(this.#generators.map((generator) => generator.execute(command)));
    return done.every((isComplete) => isComplete);
  }

  #configOf(generator: number): GeneratorConfig {
    const options = this.#options;
    return {
      workload: options.workload,
      connectString: options.connectString,
      firstServers: options.firstServers,
      seed: options.seed,
      generator,
      generators: this.#generators.length,
      startNs: String(this.#startNs),
      historyFile: options.run === undefined ? null : historyFile(options.run, generator),
      sessionTimeoutMs: options.sessionTimeoutMs,
      connectTimeoutMs: options.connectTimeoutMs,
      sliceMs: options.sliceMs,
      deadlineMs: options.deadlineMs,
      abandonAfterMs: options.abandonAfterMs,
    };
  }

  #received(message: GeneratorMessage): void {
    switch (message.type) {
      case 'slice':
        this.#timeline.add(message.slice);
        this.#noteAcknowledged(message.slice);
        if (message.slice.ok.some((count) => count > 0)) this.#fillWatch.moved();
        return;
      case 'interval':
        this.#log?.write(message.interval);
        return;
      case 'phase':
        this.#totals.add(message.phase);
        if (isMeasured(message.phase)) this.#measured.push(message.phase);
        return;
      case 'connection':
        this.#changes.push(message.change);
        this.#fillWatch.moved();
        return;
      case 'summary':
        this.#summaries.push(message.summary);
        return;
      case 'done':
      case 'failed':
      // For the process itself.
    }
  }

  #noteAcknowledged({ ok, startNs }: SliceReport): void {
    const { mix } = this.#options.workload;
    const hasWrites = [mix.write, mix.create, mix.delete].some((weight) => (weight ?? 0) > 0);
    const isCounted = ok.some((count, kind) => count > 0 && (isWrite(kind) || !hasWrites));
    if (isCounted) this.#acknowledgedMs = Math.max(this.#acknowledgedMs, startNs / 1e6);
  }

  #result(of: { readonly isFinalReadComplete: boolean; readonly isInterrupted: boolean }): LoadResult {
    const { workload, lagBudgetMs } = this.#options;
    const phases = this.#totals
      .spans()
      .filter(({ phase }) => phase !== 'prepare')
      .map(({ phase, startNs, endNs }) => ({
        name: phase as PhaseName,
        startMs: startNs / 1e6,
        endMs: endNs / 1e6,
      }));
    return {
      ...of,
      phases,
      totals: this.#totals.finish().filter(({ phase }) => phase !== 'prepare'),
      timeline: this.#timeline.finish(this.#summaries),
      generator: judgeGenerator({
        workload,
        lagBudgetMs,
        summaries: this.#summaries,
        phases: this.#measured,
      }),
      connectionChanges: this.#changes
        .map(({ atNs, change }) => ({ tMs: atNs / 1e6, change }))
        .sort((a, b) => a.tMs - b.tMs),
      historyOps: this.#summaries.reduce((sum, { historyOps }) => sum + historyOps, 0),
    };
  }

  #nowMs(): number {
    return Number(process.hrtime.bigint() - this.#startNs) / 1e6;
  }

  /** Ends early, without an error, when the load does. */
  #sleep(ms: number): Promise<void> {
    const signal = this.#signal;
    return new Promise((resolve) => {
      if (signal.aborted || ms === 0) {
        resolve();
        return;
      }
      const timer = setTimeout(finish, ms);
      signal.addEventListener('abort', finish, { once: true });
      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      }
    });
  }
}

/** Filling, warming up and reading back are the generator's own pace, and a cut without operations has none. */
function isMeasured(report: PhaseReport): boolean {
  return !['prepare', 'warmup', 'final'].includes(report.phase) && report.totals.length > 0;
}

/** Generators know one absolute path for everything they touch. @throws ConnectStringError */
function withChrootInRoot({
  workload,
  connectString,
  firstServers,
}: LoadOptions): Required<Pick<LoadOptions, 'workload' | 'connectString' | 'firstServers'>> {
  const { servers, chroot } = parseConnectString(connectString);
  return {
    firstServers: firstServers ?? servers.map((_, index) => index),
    workload: { ...workload, root: chroot + workload.root },
    connectString: servers.map(formatServerAddress).join(','),
  };
}

function withoutUndefined(options: LoadOptions): LoadOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as LoadOptions;
}
