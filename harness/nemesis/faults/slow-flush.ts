import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { imposeOn, type Imposition, liftAll, proveEffect, proveLifted } from '../imposing.ts';
import { victimsFault } from '../victims-fault.ts';

const DELAY_MS_MAX = 60_000;
/** How early a timer may be. */
const TIMER_SLACK_MS = 2;

/** A disk that is dying, or that somebody else uses: what is slow and not broken is the hardest to notice. */
export const slowFlush: Fault = victimsFault({
  name: 'slow-flush',
  doc: 'every flush of a server takes so much longer (delayMs)',
  needs: { serversMin: 1, preload: true },
  effect: 'disturbed',
  toll: 'nothing',
  lasts: { minMs: 500, maxMs: 4_000 },
  target: 'leader',
  targets: ['leader', 'follower', 'majority', 'all'],
  params: {
    /** Added to each flush. */
    delayMs: z.number().min(1).max(DELAY_MS_MAX).default(200),
  },
  draw: (prng) => ({
    delayMs: Math.round(10 * 100 ** prng.next()),
  }),
  done: ({ delayMs }) => `with flushes slower by ${delayMs} ms`,
  strike({ field, ids }, { delayMs }) {
    let impositions: readonly Imposition[] = [];
    return {
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
});
