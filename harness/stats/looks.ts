import { assert } from '../../server/base/assert.ts';
import { upperQuantile, upperTail } from './normal.ts';

export interface LookPlan {
  /** How often a difference may be seen where there is none, over all looks: 0.05. */
  readonly alpha: number;
  /** Of each arm, when all are played. */
  readonly roundsMax: number;
}

/**
 * After how many rounds of each arm to look: half of them, and all. A further look takes from what is left for the last
 * one, and before half of them there is next to nothing to spend.
 */
export function plannedLooks(roundsMax: number): number[] {
  return [...new Set([Math.ceil(roundsMax / 2), roundsMax])];
}

/**
 * The α of one look: what may be spent by then and was not by the look before, at `roundsBefore`, 0 for the first. Spent
 * as O'Brien and Fleming would, next to nothing early (Lan and DeMets 1983, each side half of α). The looks' α add up to
 * the plan's, so a false difference at any of them is no more likely than that, whatever the looks have in common.
 *
 * Looks may be at other times than planned, as long as these do not depend on the results. Whoever ends before all rounds
 * are played passes `roundsMax` for the last look and so spends the rest.
 */
export function alphaOfLook(plan: LookPlan, rounds: number, roundsBefore: number): number {
  assert(roundsBefore < rounds && rounds <= plan.roundsMax, 'looks go forward, up to the last round');
  return spent(plan.alpha, rounds / plan.roundsMax) - spent(plan.alpha, roundsBefore / plan.roundsMax);
}

function spent(alpha: number, share: number): number {
  return share === 0 ? 0 : 4 * upperTail(upperQuantile(alpha / 4) / Math.sqrt(share));
}
