import type { Setting } from '../control/settings.ts';
import type { Fault } from '../fault.ts';
import { imposeOn, type Imposition, liftAll, proveEffect, proveLifted, untilEnded } from '../imposing.ts';
import { proveServing } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';

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
  return victimsFault({
    name,
    doc,
    needs: { serversMin: 1, preload: true },
    effect: 'disturbed',
    toll: 'servers',
    lasts: { minMs: 500, maxMs: 4_000 },
    target: 'leader',
    targets: ['leader', 'follower'],
    done: () => of.done,
    strike({ field, ids, owner }) {
      const { ensemble, holds } = field;
      let impositions: readonly Imposition[] = [];
      return {
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
  });
}
