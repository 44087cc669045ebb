import type { PlanStep } from '../nemesis/plan/plan.ts';
import type { ChaosCase } from './chaos-case.ts';
import { ddmin } from './ddmin.ts';

/** Whether a case still fails. One that has had enough says false from then on. */
export type StillFails = (candidate: ChaosCase) => Promise<boolean>;

/** Behind the last fault there has to be something to see. */
const AFTER_LAST_S = 1;

/**
 * A case that still fails, with fewer faults, fewer clients and less time: none of its faults can be left out, it cannot
 * do with one client less, nor with half the time, as far as `fails` always answers the same. The case itself fails.
 */
export async function shrinkCase(failing: ChaosCase, fails: StillFails): Promise<ChaosCase> {
  let best = failing;
  for (;;) {
    const before = best;
    best = await withoutQuorumAlone(best, fails);
    best = await withFewerFaults(best, fails);
    best = await withFewerParticipants(best, fails);
    best = await withLessTime(best, fails);
    if (best === before) return best;
  }
}

async function withoutQuorumAlone(best: ChaosCase, fails: StillFails): Promise<ChaosCase> {
  if (best.plan.quorumAlone === null) return best;
  return better(best, { ...best, plan: { ...best.plan, quorumAlone: null } }, fails);
}

async function withFewerFaults(best: ChaosCase, fails: StillFails): Promise<ChaosCase> {
  const withSteps = (steps: readonly PlanStep[]): ChaosCase => ({ ...best, plan: { ...best.plan, steps } });
  const steps = await ddmin(best.plan.steps, (some) => fails(withSteps(some)));
  return steps.length === best.plan.steps.length ? best : withSteps(steps);
}

/** By half as long as that goes, then one by one. */
async function withFewerParticipants(best: ChaosCase, fails: StillFails): Promise<ChaosCase> {
  let left = best;
  for (;;) {
    const { participants } = left;
    const counts = new Set([Math.ceil(participants / 2), participants - 1]);
    let next = left;
    for (const count of counts) {
      if (count < 1 || count >= participants) continue;
      next = await better(left, { ...left, participants: count }, fails);
      if (next !== left) break;
    }
    if (next === left) return left;
    left = next;
  }
}

async function withLessTime(best: ChaosCase, fails: StillFails): Promise<ChaosCase> {
  const endS = Math.max(0, ...best.plan.steps.map(({ atMs, forMs }) => (atMs + forMs) / 1000));
  const shortestS = Math.ceil(endS + AFTER_LAST_S);
  let left = best;
  while (left.timeS > shortestS) {
    const timeS = Math.max(shortestS, Math.ceil(left.timeS / 2));
    const next = await better(left, { ...left, timeS }, fails);
    if (next === left) return left;
    left = next;
  }
  return left;
}

async function better(best: ChaosCase, candidate: ChaosCase, fails: StillFails): Promise<ChaosCase> {
  return (await fails(candidate)) ? candidate : best;
}
