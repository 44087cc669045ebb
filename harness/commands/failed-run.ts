import { existsSync, readFileSync } from 'node:fs';
import { parseReport, ReportError } from '../history/report-parse.ts';
import type { Report } from '../history/report-schema.ts';
import { readRunFile, type RunDirectory, RunDirectoryError } from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import { FAULTS } from '../nemesis/faults.ts';
import { putOff } from '../nemesis/plan/fault-atlas.ts';
import { parsePlan, type Plan, PLAN_SCHEMA } from '../nemesis/plan/plan.ts';
import type { RunSettings } from '../nemesis/plan/run-settings.ts';
import { UsageError } from './exit-code.ts';
import { type Finding, findingsIn, seenAtMs } from './finding.ts';
import { votersIn } from './plan-choice.ts';
import { planTarget } from './target.ts';
import { OWN_MAIN } from './this-build.ts';

/** A run of `chaos` whose history was not valid, with all it takes to play it again. */
export interface FailedRun {
  readonly plan: Plan;
  readonly settings: RunSettings & { readonly participants: number; readonly timeS: number };
  /** How many servers have a vote. */
  readonly voters: number;
  /** At least one. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** When the first was seen, since its clients began; null: nobody knows. */
  readonly failedAtMs: number | null;
  /** The harness that it was run by, and so the build of its servers; null: it is not there any more. */
  readonly main: string | null;
}

/** @throws UsageError for what is no such run. */
export function readFailedRun(run: RunDirectory): FailedRun {
  const runFile = orUsageError(() => readRunFile(run));
  if (runFile.command[0] !== 'chaos') {
    throw new UsageError(`${run.path} is a run of ${runFile.command[0]}; give one of chaos`);
  }
  const report = readReport(run);
  const [first, ...others] = findingsIn(report);
  if (first === undefined) {
    const sentence = report.verdict?.sentence ?? 'it came to no verdict';
    throw new UsageError(`${run.path} has nothing to shrink: ${sentence} Give a run that ended with 100`);
  }
  const { main = OWN_MAIN } = runFile;
  const startedMs = report.phases.find(({ name }) => name === 'measure')?.startMs ?? 0;
  const seenMs = seenAtMs([first, ...others]);
  return {
    ...playedIn(run, runFile),
    findings: [first, ...others],
    failedAtMs: seenMs === null ? null : Math.max(0, seenMs - startedMs),
    main: existsSync(main) ? main : null,
  };
}

function playedIn(
  run: RunDirectory,
  { config, faults = [] }: RunFile,
): Pick<FailedRun, 'plan' | 'settings' | 'voters'> {
  const steps = faults.map(({ forMs, ...step }) => ({
    ...step,
    forMs: Math.round(forMs ?? FAULTS.get(step.fault)?.lasts.minMs ?? 0),
    atMs: Math.round(step.atMs),
  }));
  // Where there was no plan, what was done is one.
  const plan = config['plan'] ?? { schema: PLAN_SCHEMA, steps };
  const parsed = parsePlan({ ...plan, run: config['run'] ?? {} });
  if (!parsed.ok) {
    const [{ path, advice } = { path: [], advice: '' }] = parsed.problems;
    throw new UsageError(
      `${run.runFile} does not say all it takes to play it again (${path.join('.')}: ${advice}); ` +
        'run it once more by this version',
    );
  }
  const settings = parsed.run ?? {};
  const { participants, timeS, target: name, servers, config: lines = {}, apacheClasspath } = settings;
  if (participants === undefined || timeS === undefined) {
    throw new UsageError(
      `${run.runFile} does not say who played it, or how long; run it once more by this version`,
    );
  }
  const voters = votersIn(planTarget({ name, servers, config: lines, apacheClasspath })).length;
  return {
    plan: { ...parsed.plan, seed: null, steps: putOff(parsed.plan.steps, voters) },
    settings: { ...settings, participants, timeS },
    voters,
  };
}

function readReport(run: RunDirectory): Report {
  return orUsageError(() => {
    let text: string;
    try {
      text = readFileSync(run.reportJson, 'utf8');
    } catch (error) {
      throw new UsageError(`${run.path} has no report.json: it did not come to its end; run it again`, {
        cause: error,
      });
    }
    return parseReport(text);
  });
}

function orUsageError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RunDirectoryError) && !(error instanceof ReportError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
