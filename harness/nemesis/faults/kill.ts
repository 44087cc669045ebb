import { z } from 'zod';
import { PICK_BOUND, chooseVictims, pickSchema, type VictimTarget, victimsOfTarget } from '../victims.ts';
import { pause } from '../../ensemble/wait-until.ts';
import type { Fault } from '../fault.ts';
import { labelOf } from '../field.ts';
import { proveEnded, proveServing } from '../proofs.ts';

/** How often a server is killed again before it serves. */
const KILLED_AGAIN_SHARE = 0.2;
/** About how long a server takes to come back. */
const RECOVERY_MS = 500;

const params = z.strictObject({
  pick: pickSchema.default(0),
  /** While it comes back, so long after it was started again, it is killed once more; null for not. */
  againAfterMs: z.number().min(0).max(60_000).nullable().default(null),
});

/** What all faults have in common that end servers with SIGKILL and start them again on the data they have. */
export function killFault(of: {
  readonly name: string;
  readonly doc: string;
  readonly serversMin: number;
  readonly target: VictimTarget;
  /** A crash while it comes back must cost no more. */
  readonly mayHitAgain: boolean;
}): Fault {
  const { name, doc, serversMin, target } = of;
  return {
    name,
    doc,
    needs: { serversMin },
    effect: 'killed',
    toll: 'servers',
    victimsMax: (voters) => victimsOfTarget(target, voters),
    lasts: { minMs: 100, maxMs: 4_000 },
    params,
    draw(prng, { mayHitAgain }) {
      const isHitAgain = of.mayHitAgain && mayHitAgain && prng.next() < KILLED_AGAIN_SHARE;
      const againAfterMs = isHitAgain ? Math.round(prng.next() * RECOVERY_MS) : null;
      return { pick: prng.below(PICK_BOUND), againAfterMs };
    },
    async aim(field, given) {
      const { pick, againAfterMs } = params.parse(given);
      const { ids, roles } = await chooseVictims(field, target, pick);
      if (ids.length === 0) return null;
      const { holds, ensemble } = field;
      const owner = {};
      return {
        serverIds: ids,
        label: labelOf('killed', { ids, roles, serverCount: ensemble.servers.length }),
        async inject() {
          await Promise.all(ids.map((id) => holds.takeDown(id, owner)));
        },
        proveActive: () => proveEnded(field, ids),
        async heal(signal) {
          if (againAfterMs !== null && !signal.aborted)
            await Promise.all(ids.map((id) => killWhileRecovering(id, signal)));
          await Promise.all(ids.map((id) => holds.bringUp(id, owner, signal)));
        },
        proveHealed: () => proveServing(field, ids),
      };

      async function killWhileRecovering(id: number, signal: AbortSignal): Promise<void> {
        const starting = holds.bringUp(id, owner, signal).catch(() => {
          // It ended before it served: that is the point.
        });
        await pause(againAfterMs ?? 0, signal);
        await holds.takeDown(id, owner);
        await starting;
      }
    },
  };
}
