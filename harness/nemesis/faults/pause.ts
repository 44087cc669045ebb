import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { labelOf } from '../field.ts';
import { proveRunning, proveStopped } from '../proofs.ts';
import { PICK_BOUND, chooseVictims, pickSchema, type VictimTarget, victimsOfTarget } from '../victims.ts';

const params = z.strictObject({ pick: pickSchema.default(0) });

/**
 * What all faults have in common that stop servers with SIGSTOP and let them go on. A stopped server keeps its
 * connections, says nothing, and when it goes on does not know yet what has become of the others.
 */
export function pauseFault(of: {
  readonly name: string;
  readonly doc: string;
  readonly serversMin: number;
  readonly target: VictimTarget;
}): Fault {
  const { name, doc, serversMin, target } = of;
  return {
    name,
    doc,
    needs: { serversMin },
    effect: 'paused',
    toll: 'servers',
    victimsMax: (voters) => victimsOfTarget(target, voters),
    lasts: { minMs: 200, maxMs: 12_000 },
    params,
    draw: (prng) => ({ pick: prng.below(PICK_BOUND) }),
    async aim(field, given) {
      const { pick } = params.parse(given);
      const { ids, roles } = await chooseVictims(field, target, pick);
      if (ids.length === 0) return null;
      const { holds, ensemble } = field;
      const owner = {};
      return {
        serverIds: ids,
        label: labelOf('paused', { ids, roles, serverCount: ensemble.servers.length }),
        async inject() {
          await Promise.all(ids.map((id) => holds.holdStill(id, owner)));
        },
        proveActive: () => proveStopped(field, ids),
        async heal() {
          await Promise.all(ids.map((id) => holds.letGo(id, owner)));
        },
        proveHealed: () => proveRunning(field, ids),
      };
    },
  };
}
