import t from 'tap';
import { AssertionError } from './assert.ts';
import { COUNTER_MAX, EPOCH_MAX, counterOf, epochOf, formatZxid, makeZxid, nextZxid } from './zxid.ts';

await t.test('a zxid keeps its epoch and counter up to the last epoch a double can hold', async (t) => {
  const zxid = makeZxid(EPOCH_MAX, COUNTER_MAX);
  t.equal(zxid, 2 ** 53 - 1);
  t.equal(epochOf(zxid), EPOCH_MAX);
  t.equal(counterOf(zxid), COUNTER_MAX);
  t.equal(formatZxid(makeZxid(1, 0xa2)), '0x1000000a2');
});

await t.test('an epoch beyond 2^21 and a counter that would roll over are refused', async (t) => {
  t.throws(() => makeZxid(EPOCH_MAX + 1, 0), AssertionError);
  t.throws(() => nextZxid(makeZxid(3, COUNTER_MAX)), AssertionError);
  t.equal(nextZxid(makeZxid(3, 7)), makeZxid(3, 8));
});
