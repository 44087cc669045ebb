import type { Ensemble } from '../ensemble/ensemble.ts';
import type {
  GeneratorCheck,
  HttpLoadReport,
  OpTotals,
  ReportInput,
  ReportPhase,
  Timeline,
} from '../history/report-schema.ts';
import type { RunDirectory } from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import type { LoadControl, LoadProgress } from '../load/run-load.ts';
import type { Completions } from './recoveries.ts';

/** What an exercise has come to. */
export interface ExerciseResult {
  readonly phases: readonly ReportPhase[];
  readonly totals: readonly OpTotals[];
  readonly timeline: Timeline;
  /** Null where nobody had to keep up with anything. */
  readonly generator: GeneratorCheck | null;
  /** Null where a history tells them. */
  readonly completions: Completions | null;
  /** Operations that were recorded. */
  readonly historyOps: number;
  /** Of a load on the ports for operators. */
  readonly http?: HttpLoadReport;
}

export interface ExerciseTools {
  readonly ensemble: Ensemble;
  readonly run: RunDirectory;
  /** Zero of all times, a `process.hrtime.bigint()`. */
  readonly startNs: bigint;
  /** Ends it early; what was done until then is still to be judged. */
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Is to run beside what is measured, from its start; the measurement lasts longer if this does. */
  readonly during: ((control: LoadControl) => Promise<void>) | null;
}

/** What clients do to a system under test: a load, or a recipe. */
export interface Exercise {
  readonly name: string;
  /** Below which all of it happens. */
  readonly root: string;
  /** How long it means to take once the clients are connected. */
  readonly plannedMs: number;
  /** Of what it draws. */
  readonly seed: number;
  /** For run.json: all that is needed to do it again. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What has to be in the run directory for a verdict. */
  readonly expects: NonNullable<RunFile['verification']>;
  describe(): ReportInput['workload'];
  run(tools: ExerciseTools): Promise<ExerciseResult>;
}
