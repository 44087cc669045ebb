import type { Attack } from '../attack.ts';

export const deepTree: Attack = {
  name: 'deep-tree',
  doc: 'nodes one below the other, as deep as it is let, again and again',
  run: async ({ client, count, pause, isOver }) => {
    const attacker = await client();
    for (let n = 0; !isOver(); n++) {
      let path = `/deep-${n}`;
      for (let depth = 0; depth < 5000 && !isOver(); depth++) {
        try {
          await attacker.create(path);
        } catch {
          break;
        }
        count();
        path += '/d';
      }
      await pause(100);
    }
  },
};
