import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseReport } from '../history/report-parse.ts';
import type { Report } from '../history/report-schema.ts';
import { readRunFile, RunDirectoryError, runDirectoryAt } from '../history/run-directory.ts';
import { parsePlan, type Plan, PLAN_SCHEMA } from '../nemesis/plan/plan.ts';
import type { ChaosCase } from './chaos-case.ts';

/** A run of `chaos` whose history was not valid. */
export interface FailedRun {
  readonly played: ChaosCase;
  /** What was found first, by the checker that found it. */
  readonly findings: ReadonlyMap<string, string>;
}

/** As `chaos` writes it into run.json. */
const configSchema = z.object({
  recipe: z.string(),
  participants: z.number(),
  rate: z.number(),
  sessionTimeoutMs: z.number(),
  timeS: z.number(),
  target: z.string().optional(),
  servers: z.string().optional(),
  config: z.record(z.string(), z.string()).default({}),
  plan: z.unknown().optional(),
});

/** Of a fault whose end was not seen. */
const LASTED_MS = 1_000;

/** @throws RunDirectoryError for what is no run of `chaos`, has no report, or has not failed. */
export function readFailedRun(directory: string): FailedRun {
  const run = runDirectoryAt(directory);
  const { seed, config } = readRunFile(run);
  const shape = configSchema.safeParse(config);
  if (!shape.success) {
    throw new RunDirectoryError(
      'NOT_A_RUN',
      `${directory} is not a run of chaos; name one that npm run chaos has left`,
    );
  }
  const report = reportOf(run.reportJson);
  const findings = findingsIn(report);
  if (findings.size === 0) {
    throw new RunDirectoryError(
      'NOT_A_RUN',
      `${directory}: its history was not found invalid, so there is nothing to shrink`,
    );
  }
  const { recipe, config: set, plan, ...rest } = shape.data;
  return { played: { ...rest, workload: recipe, seed, set, plan: planIn(plan) ?? planOf(report) }, findings };
}

function reportOf(file: string): Report {
  try {
    return parseReport(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new RunDirectoryError('BAD_RUN_FILE', `${file} is not a report of this version`, { cause });
  }
}

function findingsIn({ verification }: Report): ReadonlyMap<string, string> {
  const findings = new Map<string, string>();
  for (const { name, verdict, anomalies } of verification?.checkers ?? []) {
    const first = anomalies.find((anomaly) => anomaly.verdict === 'invalid');
    if (verdict === 'invalid') findings.set(name, first?.explanation ?? `${name} found it invalid`);
  }
  return findings;
}

function planIn(value: unknown): Plan | null {
  const parsed = value === undefined ? null : parsePlan(value);
  return parsed?.ok === true ? parsed.plan : null;
}

/** Of a run that had none: its faults, when they were and as long as they lasted, of whom they would choose. */
function planOf({ phases, recoveries }: Report): Plan {
  const startMs = phases.find(({ name }) => name === 'measure')?.startMs ?? 0;
  const steps = recoveries.flatMap(({ kind, killedAtMs, resumedAtMs, restartedAtMs }) => {
    if (kind === null || killedAtMs === null) return [];
    const endMs = resumedAtMs ?? restartedAtMs ?? killedAtMs + LASTED_MS;
    const forMs = Math.round(Math.max(0, endMs - killedAtMs));
    return [{ atMs: Math.round(Math.max(0, killedAtMs - startMs)), fault: kind, params: {}, forMs }];
  });
  const parsed = parsePlan({ schema: PLAN_SCHEMA, steps });
  if (!parsed.ok) throw new Error(`no plan of the faults of a report: ${parsed.problems[0]?.advice}`);
  return parsed.plan;
}
