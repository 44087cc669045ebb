import { proveCaughtUp } from '../catching-up.ts';
import { countDataFiles, emptyDataDirectory } from '../data-files.ts';
import type { Fault } from '../fault.ts';
import { processServerOf } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { proveEnded, proveServing } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';

/** Another machine with an empty disk takes the place of one: it must be brought up to date before it counts. */
export const replaceMember: Fault = victimsFault({
  name: 'replace-member',
  doc: 'kill -9 of a server, and its disk is replaced by an empty one',
  needs: { serversMin: 3, files: true },
  effect: 'killed',
  toll: 'disks',
  lasts: { minMs: 100, maxMs: 4_000 },
  target: 'follower',
  targets: ['leader', 'follower'],
  done: () => 'replaced by an empty one',
  strike({ field, ids, owner }) {
    const { holds } = field;
    const taken: string[] = [];
    const dataDirs = ids.map((id) => ({ id, dataDir: processServerOf(field, id).dataDir }));
    return {
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
});
