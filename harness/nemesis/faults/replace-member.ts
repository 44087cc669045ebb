import { z } from 'zod';
import { proveCaughtUp } from '../catching-up.ts';
import { countDataFiles, emptyDataDirectory } from '../data-files.ts';
import type { Fault } from '../fault.ts';
import { labelOf, processServerOf } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { proveEnded, proveServing } from '../proofs.ts';
import { chooseVictims, PICK_BOUND, pickSchema, targetSchema, victimsOfTarget } from '../victims.ts';

const params = z.strictObject({
  target: targetSchema.default('follower'),
  pick: pickSchema.default(0),
});

/** Another machine with an empty disk takes the place of one: it must be brought up to date before it counts. */
export const replaceMember: Fault = {
  name: 'replace-member',
  doc: 'kill -9 of a server, and its disk is replaced by an empty one',
  needs: { serversMin: 3 },
  effect: 'killed',
  toll: 'disks',
  victimsMax: (voters, given) => victimsOfTarget(params.parse(given).target, voters),
  lasts: { minMs: 100, maxMs: 4_000 },
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
    const taken: string[] = [];
    const dataDirs = ids.map((id) => ({ id, dataDir: processServerOf(field, id).dataDir }));
    return {
      serverIds: ids,
      label: labelOf('replaced by an empty one', { ids, roles, serverCount: ensemble.servers.length }),
      async inject() {
        await Promise.all(ids.map((id) => holds.takeDown(id, owner)));
        for (const { id, dataDir } of dataDirs) {
          const { files, bytes } = emptyDataDirectory(dataDir);
          taken.push(`server ${id} lost ${files} files of ${bytes} bytes`);
        }
      },
      async proveActive() {
        const ended = await proveEnded(field, ids);
        for (const { id, dataDir } of dataDirs) {
          const left = countDataFiles(dataDir);
          if (left > 0) throw new NoEffectError(`server ${id} still has ${left} files`);
        }
        return [ended, ...taken].join('; ');
      },
      async heal(signal) {
        await Promise.all(ids.map((id) => holds.bringUp(id, owner, signal)));
      },
      async proveHealed() {
        const serving = await proveServing(field, ids);
        const files = dataDirs.map(
          ({ id, dataDir }) => `server ${id} has ${countDataFiles(dataDir)} files again`,
        );
        return [serving, await proveCaughtUp(field, ids), ...files].join('; ');
      },
    };
  },
};
