import * as fc from 'fast-check';
import t from 'tap';
import { RingQueue } from './ring-queue.ts';

await t.test('does what an array does with push, shift and pop', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('push' as const) },
    fc.constantFrom('shift' as const, 'pop' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new RingQueue<number>(2);
      const model: number[] = [];
      for (const [i, name] of steps.entries()) {
        if (name === 'push') {
          queue.push(i);
          model.push(i);
        } else if (queue[name]() !== model[name]()) return false;
        if (queue.peek() !== model[0] || queue.length !== model.length) return false;
      }
      return [...queue].join() === model.join();
    }),
    { numRuns: 500 },
  );
});

await t.test('an emptied queue has nothing to give, however full it was', async (t) => {
  const queue = new RingQueue<object>(2);
  for (let i = 0; i < 100; i++) queue.push({});
  while (queue.length > 0) {
    if (queue.length % 2 === 0) queue.shift();
    else queue.pop();
  }
  t.equal(queue.peek(), undefined);
  t.equal(queue.shift(), undefined);
  t.equal(queue.pop(), undefined);
  t.same([...queue], []);
});
