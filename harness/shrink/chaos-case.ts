import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { type Plan, PlanError } from '../nemesis/plan/plan.ts';
import { readPlan } from '../nemesis/plan/read-plan.ts';

export const CASE_SCHEMA = 'stampede.case/1';

const caseSchema = z.strictObject({
  schema: z.literal(CASE_SCHEMA, { error: `write ${CASE_SCHEMA}` }),
  /** A recipe's name. */
  workload: z.string(),
  participants: z.int().positive(),
  /** Steps a second of each. */
  rate: z.number().positive(),
  sessionTimeoutMs: z.int().positive(),
  timeS: z.number().positive(),
  seed: z.int().nonnegative(),
  /** As `--target` and `--servers`; left out: three servers of ours. */
  target: z.string().optional(),
  servers: z.string().optional(),
  /** Lines of zoo.cfg. */
  set: z.record(z.string(), z.string()).default({}),
  plan: z.unknown(),
});

/** All that a run of `chaos` takes to be played again: what clients do, on which servers, and what goes wrong. */
export interface ChaosCase {
  readonly workload: string;
  readonly participants: number;
  readonly rate: number;
  readonly sessionTimeoutMs: number;
  readonly timeS: number;
  readonly seed: number;
  readonly target?: string | undefined;
  readonly servers?: string | undefined;
  readonly set: Readonly<Record<string, string>>;
  readonly plan: Plan;
}

/** As YAML, with these lines on top for who reads it. */
export function caseText(wanted: ChaosCase, comment: readonly string[]): string {
  const { plan, ...rest } = wanted;
  const head = comment.map((line) => `# ${line}\n`).join('');
  return head + stringify({ schema: CASE_SCHEMA, ...rest, plan });
}

/** @throws PlanError for what is no case. `source`: what errors call it. */
export function parseCase(text: string, source: string): ChaosCase {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw new PlanError(`${source}: ${broken.message.split('\n')[0]}`);
  const shape = caseSchema.safeParse(document.toJS());
  if (!shape.success) {
    const lines = shape.error.issues.map(
      ({ path, message }) => `${source}: ${path.join('.') || 'at the top'}: ${message}`,
    );
    throw new PlanError(lines.join('\n'));
  }
  const { schema: _, plan, ...rest } = shape.data;
  return { ...rest, plan: readPlan(JSON.stringify(plan ?? null), `${source}: plan`) };
}
