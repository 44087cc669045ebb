import * as fc from 'fast-check';
import t from 'tap';
import { parsePlan, type Plan, PLAN_SCHEMA } from '../nemesis/plan/plan.ts';
import type { ChaosCase } from './chaos-case.ts';
import { shrinkCase } from './shrink-case.ts';

const FAULTS = ['kill-leader', 'pause-follower', 'kill-all', 'slow-flush', 'kill-follower'];

function planOf(count: number, hasQuorumAlone: boolean): Plan {
  const steps = Array.from({ length: count }, (_, i) => ({
    atMs: 500 * i,
    fault: FAULTS[i % FAULTS.length],
    forMs: 100 + i,
  }));
  const quorumAlone = hasQuorumAlone ? { fault: 'kill-minority', forMs: 1000 } : null;
  const parsed = parsePlan({ schema: PLAN_SCHEMA, steps, quorumAlone });
  if (!parsed.ok) throw new Error(parsed.problems[0]?.advice);
  return parsed.plan;
}

function caseOf(plan: Plan, participants: number, timeS: number): ChaosCase {
  return {
    workload: 'register',
    participants,
    rate: 30,
    sessionTimeoutMs: 4000,
    timeS,
    seed: 1,
    set: {},
    plan,
  };
}

await t.test('what it takes is left, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.boolean()),
      async (count, needsAlone, clients, more, isNeeded) => {
        const plan = planOf(count, true);
        const needed = plan.steps.filter(() => isNeeded.next().value === true);
        const fails = async ({ plan: { steps, quorumAlone }, participants }: ChaosCase): Promise<boolean> =>
          needed.every((step) => steps.includes(step)) &&
          (quorumAlone !== null || !needsAlone) &&
          participants >= clients;
        const least = await shrinkCase(caseOf(plan, clients + more, 60), fails);
        const endS = Math.max(0, ...needed.map(({ atMs, forMs }) => (atMs + forMs) / 1000));
        return (
          least.plan.steps.length === needed.length &&
          (least.plan.quorumAlone !== null) === needsAlone &&
          least.participants === clients &&
          least.timeS === Math.ceil(endS + 1)
        );
      },
    ),
    { numRuns: 100 },
  );
});

await t.test('where nothing smaller fails it stays as it is', async (t) => {
  const failing = caseOf(planOf(5, true), 6, 60);
  t.equal(await shrinkCase(failing, async () => false), failing);
});
