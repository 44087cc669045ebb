import t from 'tap';
import { TokenBucket } from './token-bucket.ts';

await t.test('as many as it holds pass at once, then as many as come', async (t) => {
  const bucket = new TokenBucket({ capacity: 3, fillCount: 2, fillTimeMs: 10 }, 100);
  const taken = (nowMs: number): number => {
    let count = 0;
    while (bucket.take(nowMs)) count++;
    return count;
  };
  t.equal(taken(100), 3);
  t.equal(taken(109), 0);
  t.equal(taken(110), 2);
  t.equal(taken(119), 0, 'what is left of the time counts on');
  t.equal(taken(120), 2);
  t.equal(taken(10_000), 3, 'and never more than it holds');
});
