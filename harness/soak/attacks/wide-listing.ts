import type { Attack } from '../attack.ts';

const CHILDREN = 400_000;
const AT_ONCE = 500;

export const wideListing: Attack = {
  name: 'wide-listing',
  doc: `a node that gets ${CHILDREN.toLocaleString('en')} children, listed again and again`,
  run: async ({ client, count, pause, isOver }) => {
    const attacker = await client();
    await attacker.create('/wide').catch(() => undefined);
    for (let n = 0; !isOver(); n += AT_ONCE) {
      if (n < CHILDREN) {
        const made = Array.from({ length: AT_ONCE }, (_, i) =>
          attacker.create(`/wide/child-${n + i}`).catch(() => undefined),
        );
        await Promise.all(made);
      }
      await attacker.getChildren('/wide').catch(() => undefined);
      count();
      await pause(100);
    }
  },
};
