import type { Workload } from '../load/workload.ts';
import { parseThreshold, type Threshold } from '../thresholds/threshold.ts';
import { UsageError } from './exit-code.ts';

export interface ThresholdFlags {
  readonly threshold?: readonly string[];
  readonly baseline?: string;
}

/** What a run has to hold. */
export interface ThresholdChoice {
  readonly thresholds: readonly Threshold[];
  /** Where the run is that they hold it against; null where none of them does. See `findBaseline`. */
  readonly baselineDirectory: string | null;
}

export const NO_THRESHOLDS: ThresholdChoice = { thresholds: [], baselineDirectory: null };

/** Those of the workload, and then those of the command line. @throws UsageError for what is none. */
export function thresholdChoiceOf(flags: ThresholdFlags, workload: Workload): ThresholdChoice {
  const thresholds = [...workload.thresholds, ...(flags.threshold ?? [])].map(thresholdFrom);
  const relative = thresholds.find(({ bound }) => bound.type === 'baseline');
  const { baseline: baselineDirectory = null } = flags;
  if (relative !== undefined && baselineDirectory === null) {
    throw new UsageError(
      `${relative.expression}: there is no baseline; say --baseline and the directory of a run, or of several`,
    );
  }
  if (relative === undefined && baselineDirectory !== null) {
    throw new UsageError(
      `--baseline ${baselineDirectory}: no threshold asks for it; add one, as in ` +
        "--threshold 'throughput>=0.9*baseline', or leave it out",
    );
  }
  return { thresholds, baselineDirectory };
}

function thresholdFrom(text: string): Threshold {
  const parsed = parseThreshold(text);
  if (parsed.ok) return parsed.threshold;
  throw new UsageError(`--threshold '${text}': column ${parsed.column}: ${parsed.advice}`);
}
