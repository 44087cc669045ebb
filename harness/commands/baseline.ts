import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseReport, ReportError } from '../history/report-parse.ts';
import type { Report, ReportBaseline } from '../history/report-schema.ts';
import {
  readRunFile,
  type RunDirectory,
  runDirectoryAt,
  RunDirectoryError,
} from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import { UsageError } from './exit-code.ts';
import { firstDifference } from './first-difference.ts';

/** A run from before, whose figures those of this one are held against. */
export interface Baseline {
  readonly identity: ReportBaseline;
  readonly report: Report;
}

/** By what two runs are told to be alike. */
export type RunKind = Pick<RunFile, 'command' | 'workload' | 'config'>;

/** What it says of its run directory, if it cannot be one. */
interface Refusal {
  readonly run: RunDirectory;
  readonly why: string;
}

/**
 * The run in `directory`, or of the runs below it the last that was done in the same way as this one is going to be, came to
 * its end and passed. In the same way: the same command, workload, servers, and faults, with the same settings; only seeds
 * and thresholds may be others.
 *
 * @throws UsageError if there is none; the message says what is different.
 */
export function findBaseline(directory: string, kind: RunKind): Baseline {
  const itself = runDirectoryAt(directory);
  const runs = existsSync(itself.runFile) ? [itself] : runsBelow(directory);
  let refusal: Refusal | null = null;
  for (const run of runs) {
    const found = baselineOf(run, kind);
    if (typeof found !== 'string') return found;
    refusal ??= { run, why: found };
  }
  const remedy = 'give a run that was done in the same way and passed, or make one first';
  if (refusal === null) throw new UsageError(`--baseline ${directory}: there is no run in it; ${remedy}`);
  const which = runs.length === 1 ? '' : `of its ${runs.length} runs none will do; the last, `;
  throw new UsageError(`--baseline ${directory}: ${which}${refusal.run.id}, ${refusal.why}; ${remedy}`);
}

/** The last one first. */
function runsBelow(directory: string): RunDirectory[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    throw new UsageError(`--baseline ${directory}: it cannot be read; give a run directory, or one of them`, {
      cause,
    });
  }
  // A run directory's name begins with when it was made.
  return names
    .toSorted()
    .toReversed()
    .map((name) => runDirectoryAt(join(directory, name)))
    .filter(({ runFile }) => existsSync(runFile));
}

/** Or why it is none. */
function baselineOf(run: RunDirectory, kind: RunKind): Baseline | string {
  try {
    const runFile = readRunFile(run);
    const difference = firstDifference(comparable(runFile), comparable(kind));
    if (difference !== null) {
      return `is another kind of run: ${difference.path} was ${difference.one} there, and is ${difference.other} here`;
    }
    if (runFile.finished?.how !== 'completed' || !existsSync(run.reportJson)) {
      return 'did not come to its end';
    }
    const report = parseReport(readFileSync(run.reportJson, 'utf8'));
    const { identity, verdict, environment } = report;
    if (verdict?.passed !== true) return `did not pass (${verdict?.sentence ?? 'it came to no verdict'})`;
    const { runId, startedAt } = identity;
    return { report, identity: { runId, startedAt, revision: environment?.git?.revision ?? null } };
  } catch (error) {
    if (!(error instanceof RunDirectoryError) && !(error instanceof ReportError)) throw error;
    return `cannot be read (${error.message})`;
  }
}

/** What must be the same, as it is stored. */
function comparable({ command, workload, config }: RunKind): unknown {
  const { workload: load, ...settings } = config;
  const withoutThresholds =
    typeof load === 'object' && load !== null ? { ...load, doc: undefined, thresholds: undefined } : load;
  return JSON.parse(
    JSON.stringify({ command: command[0], name: workload, workload: withoutThresholds, ...settings }),
  );
}
