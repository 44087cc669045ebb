import t from 'tap';
import { Prng } from '../base/prng.ts';
import { ExpiryQueue } from './expiry-queue.ts';

await t.test('nothing expires early, and everything in the tick after it is due (trap 21)', async (t) => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Prng(seed);
    const tick = 1 + random.below(50);
    let now = random.below(1000);
    const queue = new ExpiryQueue<number>(tick, now);
    const dueAt = new Map<number, number>();
    for (let step = 0; step < 200; step++) {
      now += random.below(3 * tick);
      const item = random.below(20);
      const draw = random.below(4);
      if (draw < 2) {
        const timeout = random.below(10 * tick);
        queue.update(item, timeout, now);
        dueAt.set(item, (Math.floor((now + timeout) / tick) + 1) * tick);
      } else if (draw === 2) {
        queue.remove(item);
        dueAt.delete(item);
      } else {
        const expired = queue.poll(now);
        const expected = [...dueAt].filter(([, due]) => due <= now);
        const order = expired.map((each) => dueAt.get(each) ?? -1);
        t.same(new Set(expired), new Set(expected.map(([each]) => each)), `seed ${seed}, step ${step}`);
        t.same(
          order,
          order.toSorted((a, b) => a - b),
          'oldest first',
        );
        for (const each of expired) dueAt.delete(each);
      }
      if (queue.size !== dueAt.size) t.fail(`seed ${seed}, step ${step}: ${queue.size} items`);
      if (queue.bucketCount > queue.size) t.fail(`seed ${seed}, step ${step}: an empty bucket is kept`);
      if (!t.passing()) return;
    }
  }
});
