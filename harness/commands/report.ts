import { renderRun } from '../../reports/render.ts';
import { ReportError } from '../history/report-parse.ts';
import { RunDirectoryError } from '../history/run-directory.ts';

export type ReportOptions = {
  readonly runDirectory: string;
  /** Where lines for the user go. */
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
};

/**
 * `report RUN_DIR`: draws a stored run again. The exit code says whether it could be drawn, not whether the
 * run passed: 0, or 2 for a directory that is no run, holds a broken report, or one of a newer version.
 */
export async function runReport(options: ReportOptions): Promise<number> {
  try {
    const { htmlPath, markdownPath } = await renderRun(options.runDirectory);
    options.print(`report: ${htmlPath}`);
    options.print(`        ${markdownPath}`);
    return 0;
  } catch (error) {
    const message = userMessage(error);
    if (message === null) throw error;
    options.printError(`report: ${message}`);
    return 2;
  }
}

/** Null: a bug of ours, and not a matter of what the user gave us. */
function userMessage(error: unknown): string | null {
  if (error instanceof ReportError || error instanceof RunDirectoryError) return error.message;
  if (error instanceof Error && 'code' in error && 'path' in error) return error.message;
  return null;
}
