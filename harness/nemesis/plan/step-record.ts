import type { FaultEffect, FaultParams } from '../fault.ts';

/**
 * How a step has ended. `no-effect` and `not-healed`: nothing shows that it took effect, or that it is over, and the
 * run's verdict is unknown. `not-reached`: the run ended first.
 */
export type StepOutcome = 'pending' | 'proven' | 'no-effect' | 'not-healed' | 'not-reached';

/** What became of one step of a plan, filled in as it goes on. In ms on the run's clock; null: it did not come to that. */
export interface StepRecord {
  /** Its place in the plan; null for the minority that stays broken at the end. */
  readonly index: number | null;
  readonly fault: string;
  readonly effect: FaultEffect;
  readonly params: FaultParams;
  readonly dueAtMs: number;
  /** Whom it hit: the ids that its target came to mean. */
  serverIds: readonly number[];
  /** For people. */
  label: string;
  injectedAtMs: number | null;
  provenAtMs: number | null;
  /** When healing began, and when it was done. */
  healingAtMs: number | null;
  healedAtMs: number | null;
  healProvenAtMs: number | null;
  /** What showed that it took effect, and that it was over. */
  readonly evidence: string[];
  outcome: StepOutcome;
  /** Why it is neither proven nor pending. */
  why: string | null;
}

/** What became of a plan. */
export interface PlanRecord {
  /** See `planHash`. */
  readonly planHash: string;
  /** Of the run's clock: zero of the plan's times. */
  readonly startedAtMs: number;
  readonly steps: readonly StepRecord[];
  /** How long the others took to serve without a minority; null: there was none, or it did not come to that. */
  readonly quorumServedAfterMs: number | null;
  /** How all came to have the same in the end; null: the run ended first. */
  readonly convergence: string | null;
}

/** Why nobody may say that a run under this plan has passed; null if one may. */
export function whyUnproven({ steps }: Pick<PlanRecord, 'steps'>): string | null {
  const bad = steps.find(({ outcome }) => outcome === 'no-effect' || outcome === 'not-healed');
  return bad === undefined ? null : `${bad.label}: ${bad.why}`;
}
