import type { ComparisonRound } from '../history/comparison-schema.ts';
import type { Report } from '../history/report-schema.ts';
import { courseOf } from './course.ts';
import type { Measure } from './measures.ts';

/** How a round's `bench` has ended. */
export interface RoundEnd {
  /** Null: by a signal. */
  readonly exitCode: number | null;
  /** Null: it left none. */
  readonly report: Report | null;
  /** What it has complained of. */
  readonly errors: string;
}

/** The load or its generator was late; what that leaves in doubt each measure knows. */
const GENERATOR_LIMITED = 102;

/** What a round says, and what of it is left out, and why. What came late is left out later: see `leaveOutLate`. */
export function readRound(
  { exitCode, report, errors }: RoundEnd,
  measures: readonly Measure[],
): Pick<ComparisonRound, 'excluded' | 'values' | 'lateMs' | 'doubts' | 'course'> {
  const values = Object.fromEntries(measures.map(({ name }) => [name, null]));
  const nothing = { values, lateMs: {}, doubts: {}, course: null };
  if (report === null) {
    const excluded = `it left no report (exit code ${exitCode}): ${lastLineOf(errors)}`;
    return { ...nothing, excluded };
  }
  if (exitCode !== 0 && exitCode !== GENERATOR_LIMITED) {
    const excluded = report.verdict?.sentence ?? `exit code ${exitCode}`;
    return { ...nothing, excluded };
  }
  const read = {
    values: {} as Record<string, number | null>,
    lateMs: {} as Record<string, number>,
    doubts: {} as Record<string, string>,
  };
  for (const { name, of, doubt, lateMs } of measures) {
    const value = of(report);
    const why = value === null ? null : doubt(report);
    read.values[name] = why === null ? value : null;
    read.lateMs[name] = lateMs(report);
    if (why !== null) read.doubts[name] = why;
  }
  return { excluded: null, ...read, course: courseOf(report) };
}

/** Nothing of it counts. */
export function isEmpty({ excluded, values }: Pick<ComparisonRound, 'excluded' | 'values'>): boolean {
  return excluded !== null || Object.values(values).every((value) => value === null);
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
