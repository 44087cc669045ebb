import t from 'tap';
import { inHashOrder } from './hash-order.ts';

function order(...keys: number[]): number[] {
  return inHashOrder(keys.map((key) => [key, null] as const)).map(([key]) => key);
}

await t.test('keys come by bucket, and within one in the order given', async (t) => {
  t.same(order(3, 1, 2), [1, 2, 3]);
  t.same(order(17, 1, 16, 4), [16, 17, 1, 4]);
  t.same(order(1, 65_536 + 2), [1, 65_538], 'high bits are folded in: 3');
});

await t.test('there are 16 buckets, and twice as many whenever three quarters are taken', async (t) => {
  const eleven = Array.from({ length: 11 }, (_, i) => i + 1);
  t.same(order(...eleven, 16), [16, ...eleven]);
  t.same(order(...eleven, 12, 16), [...eleven, 12, 16]);
});
