import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { matrixOf } from './matrix-cells.ts';

function names(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${i}`);
}

await t.test('every workload meets every fault once, and none waits longer than the others', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (w, f, seed) => {
      const cells = [...matrixOf({ workloads: names('w', w), faults: names('f', f), prng: new Prng(seed) })];
      if (new Set(cells.map(({ workload, fault }) => `${workload} ${fault}`)).size !== w * f) return false;
      const counts = new Map<string, number>([...names('w', w), ...names('f', f)].map((name) => [name, 0]));
      for (const { workload, fault } of cells) {
        for (const name of [workload, fault]) counts.set(name, (counts.get(name) ?? 0) + 1);
        for (const letter of ['w', 'f']) {
          const some = [...counts].flatMap(([name, count]) => (name.startsWith(letter) ? [count] : []));
          if (Math.max(...some) - Math.min(...some) > 1) return false;
        }
      }
      return cells.length === w * f;
    }),
    { numRuns: 200 },
  );
});

function orderOf(seed: number): string {
  return JSON.stringify([
    ...matrixOf({ workloads: names('w', 7), faults: names('f', 11), prng: new Prng(seed) }),
  ]);
}

await t.test('a seed has its own order, and always the same', async (t) => {
  t.equal(orderOf(1), orderOf(1));
  t.not(orderOf(1), orderOf(2));
});
