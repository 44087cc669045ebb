import { readFileSync, rmSync } from 'node:fs';
import { parseReport } from '../history/report-parse.ts';
import type { Report } from '../history/report-schema.ts';
import { createDirectory, type RunDirectory } from '../history/run-directory.ts';
import { UsageError } from './exit-code.ts';

/** Makes a directory for what is made of several runs. @throws UsageError if there can be none. */
export function directoryForSeveral(parent: string, name: string, now: Date): string {
  try {
    return createDirectory({ parent, name, now });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UsageError(
      `--out ${parent}: nothing can be made there (${error.message}); name a directory that can be written to`,
      { cause: error },
    );
  }
}

/** Null where it has left none that can be read. */
export function reportIn({ reportJson }: RunDirectory): Report | null {
  try {
    return parseReport(readFileSync(reportJson, 'utf8'));
  } catch {
    return null;
  }
}

/** Of a run that was found valid the report says all that is asked for. */
export function removeBulkOf(run: RunDirectory): void {
  rmSync(run.historyDirectory, { recursive: true, force: true });
  rmSync(run.serversDirectory, { recursive: true, force: true });
}
