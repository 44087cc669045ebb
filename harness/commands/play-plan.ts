import type { LoadControl } from '../load/run-load.ts';
import type { FaultRound } from '../nemesis/fault.ts';
import { createField } from '../nemesis/field.ts';
import type { Plan } from '../nemesis/plan/plan.ts';
import { planHash } from '../nemesis/plan/plan-hash.ts';
import { runPlan } from '../nemesis/plan/run-plan.ts';
import type { StepRecord } from '../nemesis/plan/step-record.ts';
import type { DisturbanceTools } from './load-run.ts';
import type { Means } from './means.ts';

export interface PlanChoice extends Means {
  readonly plan: Plan;
  readonly silenceLimitMs: number;
}

const HASH_SHOWN = 12;

/** Plays a plan under a load, and tells of each of its steps as of a round. */
export async function playPlan(
  load: LoadControl,
  { plan, controls, network, silenceLimitMs }: PlanChoice,
  { ensemble, note, onRound }: DisturbanceTools,
): Promise<void> {
  note(`a plan of ${plan.steps.length} faults, ${planHash(plan).slice(0, HASH_SHOWN)}`);
  const field = createField({
    ensemble,
    controls,
    network,
    silenceLimitMs,
    nowMs: () => load.nowMs(),
    hasAcknowledged: (sinceMs) => load.hasAcknowledged(sinceMs),
    signal: load.signal,
    note,
  });
  const rounds = new Map<StepRecord, FaultRound>();
  const record = await runPlan(plan, field, (step) => {
    let round = rounds.get(step);
    if (round === undefined) {
      round = roundOf(step);
      rounds.set(step, round);
      onRound(round);
    }
    follow(round, step);
    if (step.provenAtMs !== null && step.healingAtMs === null) note(`${step.label}: ${step.evidence[0]}`);
  });
  if (record.quorumServedAfterMs !== null)
    note(`without a minority the others served after ${Math.round(record.quorumServedAfterMs)} ms`);
  if (record.convergence !== null) note(record.convergence);
}

function roundOf(step: StepRecord): FaultRound {
  return {
    fault: step.fault,
    step: { fault: step.fault, params: step.params },
    effect: step.effect,
    label: step.label,
    serverIds: step.serverIds,
    injectedAtMs: step.injectedAtMs ?? step.dueAtMs,
    evidence: step.evidence,
    noEffect: null,
    electedAtMs: null,
    leaderId: null,
    servedAtMs: null,
    mendedAtMs: null,
    rejoinedAtMs: null,
  };
}

function follow(round: FaultRound, { label, why, healingAtMs, healProvenAtMs }: StepRecord): void {
  round.label = label;
  round.noEffect = why;
  round.mendedAtMs = healingAtMs;
  round.servedAtMs = healProvenAtMs;
  round.rejoinedAtMs = healProvenAtMs;
}
