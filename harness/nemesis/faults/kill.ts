import { z } from 'zod';
import { pause } from '../../ensemble/wait-until.ts';
import type { Fault } from '../fault.ts';
import { proveEnded, proveServing } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';
import type { VictimTarget } from '../victims.ts';

/** How often a server is killed again before it serves. */
const KILLED_AGAIN_SHARE = 0.2;
/** About how long a server takes to come back. */
const RECOVERY_MS = 500;

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
  return victimsFault({
    name,
    doc,
    needs: { serversMin },
    effect: 'killed',
    toll: 'servers',
    lasts: { minMs: 100, maxMs: 4_000 },
    target,
    targets: [],
    params: {
      /** While it comes back, so long after it was started again, it is killed once more; null for not. */
      againAfterMs: z.number().min(0).max(60_000).nullable().default(null),
    },
    draw(prng, { mayHitAgain }) {
      const isHitAgain = of.mayHitAgain && mayHitAgain && prng.next() < KILLED_AGAIN_SHARE;
      return { againAfterMs: isHitAgain ? Math.round(prng.next() * RECOVERY_MS) : null };
    },
    done: () => 'killed',
    strike({ field, ids, owner }, { againAfterMs }) {
      const { holds } = field;
      return {
        async inject() {
          await Promise.all(ids.map((id) => holds.takeDown(id, owner)));
        },
        proveActive: () => proveEnded(field, ids),
        async heal(signal) {
          if (againAfterMs !== null && !signal.aborted)
            await Promise.all(ids.map((id) => killWhileRecovering(id, againAfterMs, signal)));
          await Promise.all(ids.map((id) => holds.bringUp(id, owner, signal)));
        },
        proveHealed: () => proveServing(field, ids),
      };

      async function killWhileRecovering(id: number, afterMs: number, signal: AbortSignal): Promise<void> {
        const starting = holds.bringUp(id, owner, signal).catch(() => {
          // It ended before it served: that is the point.
        });
        await pause(afterMs, signal);
        await holds.takeDown(id, owner);
        await starting;
      }
    },
  });
}
