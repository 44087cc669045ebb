import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { labelOf } from '../field.ts';
import { imposeOn, type Imposition, liftAll, proveEffect, proveLifted } from '../imposing.ts';
import { chooseVictims, PICK_BOUND, pickSchema, targetSchema } from '../victims.ts';

const DELAY_MS_MAX = 60_000;
/** How early a timer may be. */
const TIMER_SLACK_MS = 2;

const params = z.strictObject({
  target: targetSchema.default('leader'),
  pick: pickSchema.default(0),
  /** Added to each flush. */
  delayMs: z.number().min(1).max(DELAY_MS_MAX).default(200),
});

/** A disk that is dying, or that somebody else uses: what is slow and not broken is the hardest to notice. */
export const slowFlush: Fault = {
  name: 'slow-flush',
  doc: 'every flush of a server takes so much longer (delayMs)',
  needs: { serversMin: 1, preload: true },
  effect: 'disturbed',
  toll: 'nothing',
  victimsMax: () => 0,
  lasts: { minMs: 500, maxMs: 4_000 },
  params,
  draw: (prng) => ({
    target: (['leader', 'follower', 'majority', 'all'] as const)[prng.below(4)] as string,
    pick: prng.below(PICK_BOUND),
    delayMs: Math.round(10 * 100 ** prng.next()),
  }),
  async aim(field, given) {
    const { target, pick, delayMs } = params.parse(given);
    const { ids, roles } = await chooseVictims(field, target, pick);
    if (ids.length === 0) return null;
    let impositions: readonly Imposition[] = [];
    return {
      serverIds: ids,
      label: labelOf(`with flushes slower by ${delayMs} ms`, {
        ids,
        roles,
        serverCount: field.ensemble.servers.length,
      }),
      async inject() {
        impositions = await imposeOn(field, ids, { type: 'slow-flush', delayMs });
      },
      proveActive: () =>
        proveEffect(field, impositions, {
          isEnough: ({ times, amount }) => times > 0 && amount >= delayMs - TIMER_SLACK_MS,
          words: ({ times, amount }) =>
            `${times} flushes were delayed, the longest took ${Math.round(amount)} ms`,
        }),
      heal: () => liftAll(impositions),
      proveHealed: () => proveLifted(field, impositions),
    };
  },
};
