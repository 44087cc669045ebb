import { assert } from '../../../server/base/assert.ts';
import { Prng } from '../../../server/base/prng.ts';
import type { Fault } from '../fault.ts';
import { type AtOnceLimits, endOf, whyNotAtOnce } from './fault-atlas.ts';
import { minorityOf, PICK_BOUND } from '../victims.ts';
import { faultOf, type Plan, PLAN_SCHEMA, type PlanStep } from './plan.ts';

export interface DrawOptions {
  readonly seed: number;
  /** By then the last fault is to be over. */
  readonly durationMs: number;
  /** Drawn from these. */
  readonly faults: readonly Fault[];
  /** Ids of those with a vote. */
  readonly voters: readonly number[];
  /** Unless told: two faults at the same time, and never more servers away by them than can be missed. */
  readonly atOnce?: AtOnceLimits;
  /** From one fault's beginning to the next, in the mean; 3000 unless told. */
  readonly meanGapMs?: number;
  /** At the end a minority stays broken, and the others must serve; so it is with three or more, unless told. */
  readonly quorumAlone?: boolean;
}

const MEAN_GAP_MS = 3_000;
const FAULTS_AT_ONCE_MAX = 2;
const ATTEMPTS_MAX = 20;
const ALONE_MIN_MS = 500;
const ALONE_MAX_MS = 3_000;
const SERVE_WITHIN_MS = 60_000;

/** A plan that keeps to the fault atlas and the limits. The same seed and options give the same plan. */
export function drawPlan(options: DrawOptions): Plan {
  const { seed, durationMs, faults, voters, meanGapMs = MEAN_GAP_MS } = options;
  assert(faults.length > 0, 'there is something to draw from');
  const prng = new Prng(seed).fork('plan');
  const steps: PlanStep[] = [];
  let atMs = 0;
  for (;;) {
    atMs += Math.ceil(-meanGapMs * Math.log(1 - prng.next()));
    if (atMs >= durationMs) break;
    const step = drawStep(options, atMs, steps, prng);
    if (step !== null) steps.push(step);
  }
  const isAlone = options.quorumAlone ?? minorityOf(voters.length) > 0;
  return { schema: PLAN_SCHEMA, seed, steps, quorumAlone: isAlone ? drawQuorumAlone(prng) : null };
}

/** Null if nothing that fits is found. */
function drawStep(
  { durationMs, faults, voters, atOnce }: DrawOptions,
  atMs: number,
  before: readonly PlanStep[],
  prng: Prng,
): PlanStep | null {
  const limits = atOnce ?? { faultsMax: FAULTS_AT_ONCE_MAX, serversMax: minorityOf(voters.length) };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const fault = faults[prng.below(faults.length)] as Fault;
    const { minMs, maxMs } = fault.lasts;
    const forMs = Math.round(minMs + prng.next() * (maxMs - minMs));
    const params = fault.params.parse(fault.draw(prng, { voters, mayHitAgain: true }));
    const step: PlanStep = { atMs, fault: fault.name, params, forMs };
    const together = before.filter((other) => endOf(other) > atMs);
    const fits =
      atMs + forMs <= durationMs && whyNotAtOnce([...together, step], voters.length, limits) === null;
    if (fits) return step;
  }
  return null;
}

function drawQuorumAlone(prng: Prng): Plan['quorumAlone'] {
  const fault = prng.next() < 0.5 ? 'kill-minority' : 'pause-minority';
  return {
    fault,
    params: faultOf({ fault }).params.parse({ pick: prng.below(PICK_BOUND) }),
    forMs: Math.round(ALONE_MIN_MS + prng.next() * (ALONE_MAX_MS - ALONE_MIN_MS)),
    serveWithinMs: SERVE_WITHIN_MS,
  };
}
