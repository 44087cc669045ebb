import { z } from 'zod';
import type { Setting } from '../control/settings.ts';
import type { Fault } from '../fault.ts';
import { labelOf } from '../field.ts';
import { imposeOn, type Imposition, liftAll, proveEffect, proveLifted, untilEnded } from '../imposing.ts';
import { proveServing } from '../proofs.ts';
import { chooseVictims, PICK_BOUND, pickSchema, targetSchema, victimsOfTarget } from '../victims.ts';

const params = z.strictObject({
  target: targetSchema.default('leader'),
  pick: pickSchema.default(0),
});

/**
 * What all faults have in common that make a disk answer with an error. A server is right to end by itself then, and
 * is started again when the disk is well.
 */
export function failingDiskFault(of: {
  readonly name: string;
  readonly doc: string;
  readonly setting: Setting;
  /** `with a full disk`. */
  readonly done: string;
  readonly words: (times: number) => string;
}): Fault {
  const { name, doc, setting } = of;
  return {
    name,
    doc,
    needs: { serversMin: 1, preload: true },
    effect: 'disturbed',
    toll: 'servers',
    victimsMax: (voters, given) => victimsOfTarget(params.parse(given).target, voters),
    lasts: { minMs: 500, maxMs: 4_000 },
    params,
    draw: (prng) => ({
      target: (['leader', 'follower'] as const)[prng.below(2)] as string,
      pick: prng.below(PICK_BOUND),
    }),
    async aim(field, given) {
      const { target, pick } = params.parse(given);
      const { ids, roles } = await chooseVictims(field, target, pick);
      if (ids.length === 0) return null;
      const { ensemble, holds } = field;
      const owner = {};
      let impositions: readonly Imposition[] = [];
      return {
        serverIds: ids,
        label: labelOf(of.done, { ids, roles, serverCount: ensemble.servers.length }),
        async inject() {
          for (const id of ids) holds.holdDown(id, owner);
          impositions = await imposeOn(field, ids, setting);
        },
        async proveActive() {
          const effect = await proveEffect(field, impositions, {
            isEnough: ({ times }) => times > 0,
            words: ({ times }) => of.words(times),
          });
          await Promise.all(ids.map((id) => untilEnded(field, id)));
          return [effect, ...ids.map((id) => `server ${id}: ${ensemble.processState(id).words}`)].join('; ');
        },
        async heal(signal) {
          await liftAll(impositions);
          if (signal.aborted) return;
          const hit = impositions.filter(({ imposed }) => imposed.count.times > 0);
          await Promise.all(hit.map(({ serverId }) => untilEnded(field, serverId)));
          await Promise.all(ids.map((id) => holds.bringUp(id, owner, signal)));
        },
        proveHealed: async () =>
          `${await proveLifted(field, impositions)}; ${await proveServing(field, ids)}`,
      };
    },
  };
}
