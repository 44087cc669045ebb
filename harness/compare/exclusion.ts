import type { Report } from '../history/report-schema.ts';

/** How a round's `bench` has ended. */
export interface RoundEnd {
  /** Null: by a signal. */
  readonly exitCode: number | null;
  /** Null: it left none. */
  readonly report: Report | null;
  readonly errors: string;
}

/** Why a round says nothing about its servers; null: it does. */
export function exclusionOf({ exitCode, report, errors }: RoundEnd): string | null {
  if (report === null) return `it left no report (exit code ${exitCode}): ${lastLineOf(errors)}`;
  if (exitCode !== 0) return report.verdict?.sentence ?? `exit code ${exitCode}`;
  const late = report.recovery?.faults.find(({ limited }) => limited);
  if (late === undefined) return null;
  return `the prober was ${Math.round(late.lagMaxMs)} ms late: its times are no measure of the servers`;
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
