import { OpCode } from '../../../server/wire/opcode.ts';
import { AddWatchMode, writeAddWatchRequest } from '../../../server/wire/records/watches.ts';
import type { Attack } from '../attack.ts';

const AT_ONCE = 500;

export const watchFlood: Attack = {
  name: 'watch-flood',
  doc: 'watches on a million paths, and recursive ones on the root by everybody',
  run: async ({ client, count, pause, isOver }) => {
    const attacker = await client();
    const addWatch = (path: string, mode: number): Promise<void> =>
      attacker.request(
        OpCode.addWatch,
        (writer) => writeAddWatchRequest(writer, { path, mode }),
        () => undefined,
      );
    for (let n = 0; !isOver(); n += AT_ONCE) {
      const asked = Array.from({ length: AT_ONCE }, (_, i) =>
        addWatch(`/watched-${n + i}`, AddWatchMode.persistent).catch(() => undefined),
      );
      await Promise.all(asked);
      await addWatch('/', AddWatchMode.persistentRecursive).catch(() => undefined);
      count();
      await pause(50);
    }
  },
};
