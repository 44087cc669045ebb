import type { Phase } from '../history/op.ts';
import type { KindTotals, TickCounts } from './load-stats.ts';
import type { Workload } from './workload.ts';

/** Everything a generator process needs to know. */
export interface GeneratorConfig {
  readonly workload: Workload;
  readonly connectString: string;
  /** Where in the connect string connections begin, in turn. They may move to every server of it. */
  readonly firstServers: readonly number[];
  readonly seed: number;
  /** Which of how many. Connections are divided among them. */
  readonly generator: number;
  readonly generators: number;
  /** Zero of all times: a `process.hrtime.bigint()` in decimal. */
  readonly startNs: string;
  /** Where the operations are recorded; null records none. */
  readonly historyFile: string | null;
  readonly sessionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Of the timeline, 100 to 1000. */
  readonly sliceMs: number;
  /** An operation that succeeds later than this after its intended start does not count as available. */
  readonly deadlineMs: number;
  /** An arrival that cannot be sent for so long is given up. */
  readonly abandonAfterMs: number;
}

export type GeneratorCommand =
  | { readonly type: 'init'; readonly config: GeneratorConfig }
  /** Make the root. For one generator, before any is told to `prepare`. */
  | { readonly type: 'create-root' }
  /** Fill the tree with this generator's share of the keys. */
  | { readonly type: 'prepare' }
  | { readonly type: 'start'; readonly phase: string; readonly historyPhase: Phase }
  | { readonly type: 'phase'; readonly phase: string; readonly historyPhase: Phase }
  /** Start nothing more, and wait for what is in flight at most so long. */
  | { readonly type: 'stop'; readonly drainMs: number }
  | { readonly type: 'final-read'; readonly deadlineMs: number }
  | { readonly type: 'finish' };

/** Histograms are in HdrHistogram's V2 encoding, in ns. `service` is null in a closed loop: it is the response. */
export interface KindHistograms {
  readonly kind: number;
  readonly response: string;
  readonly service: string | null;
}

/** A second of a phase, for the latency log. */
export interface IntervalReport {
  readonly phase: string;
  readonly startNs: number;
  readonly endNs: number;
  /** Of response times only: encoding takes a millisecond, and the load waits for it. */
  readonly histograms: readonly Omit<KindHistograms, 'service'>[];
}

/** A phase, or the part of it until now. */
export interface PhaseReport {
  readonly phase: string;
  readonly startNs: number;
  readonly endNs: number;
  readonly histograms: readonly KindHistograms[];
  readonly totals: readonly KindTotals[];
  /** Arrivals that were meant to start and never could. */
  readonly abandoned: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs: number;
}

export interface SliceReport extends TickCounts {
  /** It is the part from index · sliceMs to (index + 1) · sliceMs of the run, as near as a timer can tell. */
  readonly index: number;
  /** Response times of all kinds, with two significant digits. */
  readonly histogram: string;
}

export interface ConnectionChange {
  readonly atNs: number;
  readonly change: 'connected' | 'lost' | 'expired';
}

/** What a generator says about itself when it is done. */
export interface GeneratorSummary {
  /** By how much the generator was late to start what was due, in ns, encoded; empty of a closed loop. */
  readonly lag: string;
  /** By interval of `sliceMs` from the run's start. */
  readonly availability: { readonly intended: readonly number[]; readonly succeeded: readonly number[] };
  readonly historyOps: number;
  /** How often recording had to wait for the disk. */
  readonly historyStalls: number;
}

export type GeneratorMessage =
  /** The command is done. `isComplete`: of a final read, whether every key was read. */
  | { readonly type: 'done'; readonly command: GeneratorCommand['type']; readonly isComplete: boolean }
  | { readonly type: 'slice'; readonly slice: SliceReport }
  | { readonly type: 'interval'; readonly interval: IntervalReport }
  | { readonly type: 'phase'; readonly phase: PhaseReport }
  | { readonly type: 'connection'; readonly change: ConnectionChange }
  | { readonly type: 'summary'; readonly summary: GeneratorSummary }
  | { readonly type: 'failed'; readonly message: string };
