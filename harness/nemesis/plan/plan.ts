import { z } from 'zod';
import { FAULTS } from '../faults.ts';
import type { Fault, FaultParams } from '../fault.ts';
import { type RunSettings, runSettingsSchema } from './run-settings.ts';

export const PLAN_SCHEMA = 'stampede.plan/1';

const DAY_MS = 86_400_000;
const STEPS_MAX = 10_000;
const durationMs = z.number().min(0).max(DAY_MS);
const paramsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

const stepSchema = z.strictObject({
  /** Since the plan began. It may come later: when there is somebody to hit, and the others are not too few. */
  atMs: durationMs,
  /** A fault's name. */
  fault: z.string(),
  /** Of the fault; what is left out is as it says. */
  params: paramsSchema.default({}),
  /** From when it was injected until it is healed. */
  forMs: durationMs,
});

const quorumAloneSchema = z.strictObject({
  /** One that takes a minority away. */
  fault: z.enum(['kill-minority', 'pause-minority']),
  params: paramsSchema.default({}),
  /** How long the others are left alone once they serve. */
  forMs: durationMs,
  /** How long they may take to serve. */
  serveWithinMs: durationMs.default(60_000),
});

const planSchema = z.strictObject({
  schema: z.literal(PLAN_SCHEMA, { error: `write ${PLAN_SCHEMA}` }),
  /** What it was drawn from; null for one that was written. */
  seed: z.number().nullable().default(null),
  steps: z.array(stepSchema).max(STEPS_MAX),
  /** After everything was healed, a minority stays broken, and the others must serve; null: not. */
  quorumAlone: quorumAloneSchema.nullable().default(null),
  /** Under what it is played; null: as whoever plays it says. */
  run: runSettingsSchema.nullable().default(null),
});

export interface PlanStep {
  readonly atMs: number;
  readonly fault: string;
  readonly params: FaultParams;
  readonly forMs: number;
}

/**
 * What is to go wrong, and when: a JSON document, so that it can be stored, changed by hand and done again. Its steps are
 * in order of time and may overlap. At its end everything is healed, and all servers must come to have the same.
 */
export interface Plan {
  readonly schema: typeof PLAN_SCHEMA;
  readonly seed: number | null;
  readonly steps: readonly PlanStep[];
  readonly quorumAlone: (Omit<PlanStep, 'atMs'> & { readonly serveWithinMs: number }) | null;
}

/** What a file says: a plan, and under what it is to be played. */
export interface PlanDocument {
  readonly plan: Plan;
  readonly run: RunSettings | null;
}

/** A plan can't be, or can't be on these servers; a line for each thing, with where it stands and what would be right. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
  readonly code = 'plan';
}

/** A thing that is wrong: where, as a path into the document, and what to do. */
export interface PlanProblem {
  readonly path: readonly (string | number)[];
  readonly advice: string;
}

/** @throws Error for a name that `parsePlan` would have refused. */
export function faultOf({ fault: name }: { readonly fault: string }): Fault {
  const fault = FAULTS.get(name);
  if (fault === undefined) throw new Error(`there is no fault ${name}`);
  return fault;
}

export type PlanParse =
  ({ readonly ok: true } & PlanDocument) | { readonly ok: false; readonly problems: readonly PlanProblem[] };

/** Looks at a value from anywhere. Parameters that were left out are filled in, and the steps put in order of time. */
export function parsePlan(value: unknown): PlanParse {
  const shape = planSchema.safeParse(value);
  if (!shape.success) return { ok: false, problems: shape.error.issues.map((issue) => problemOf(issue, [])) };
  const { steps, quorumAlone, run, ...rest } = shape.data;
  const problems: PlanProblem[] = [];
  const filled = steps.map((step, index) => ({
    ...step,
    params: paramsOf(step, ['steps', index], problems),
  }));
  const alone =
    quorumAlone === null
      ? null
      : { ...quorumAlone, params: paramsOf(quorumAlone, ['quorumAlone'], problems) };
  if (problems.length > 0) return { ok: false, problems };
  const inOrder = filled.toSorted((a, b) => a.atMs - b.atMs);
  return { ok: true, plan: { ...rest, steps: inOrder, quorumAlone: alone }, run };
}

function paramsOf(
  step: { readonly fault: string; readonly params: FaultParams },
  path: readonly (string | number)[],
  problems: PlanProblem[],
): FaultParams {
  const fault = FAULTS.get(step.fault);
  if (fault === undefined) {
    const advice = `there is no fault ${JSON.stringify(step.fault)}; give one of ${[...FAULTS.keys()].join(', ')}`;
    problems.push({ path: [...path, 'fault'], advice });
    return {};
  }
  const params = fault.params.safeParse(step.params);
  if (params.success) return params.data;
  problems.push(...params.error.issues.map((issue) => problemOf(issue, [...path, 'params'])));
  return {};
}

function problemOf(issue: z.core.$ZodIssue, under: readonly (string | number)[]): PlanProblem {
  const path = [...under, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  if (issue.code === 'unrecognized_keys') {
    return { path, advice: `unknown ${issue.keys.join(', ')}; leave it out, or correct its name` };
  }
  return { path, advice: issue.message };
}
