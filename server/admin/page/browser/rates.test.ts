import t from 'tap';
import { ratesBetween } from './rates.ts';

const BEFORE = {
  cnt_readlatency: 100,
  sum_readlatency: 50,
  cnt_updatelatency: 10,
  sum_updatelatency: 40,
  cnt_fsynctime: 5,
  sum_fsynctime: 9,
};

await t.test('rates are of the time that went by, latencies means of what ended in it', (t) => {
  const after = {
    ...BEFORE,
    cnt_readlatency: 300,
    sum_readlatency: 150,
    cnt_updatelatency: 12,
    sum_updatelatency: 49,
  };
  t.same(ratesBetween(BEFORE, after, 2000), {
    readsPerS: 100,
    writesPerS: 1,
    readMs: 0.5,
    writeMs: 4.5,
    flushMs: null,
  });
  t.end();
});

await t.test('what another process counts is not reckoned with what the one before it did', (t) => {
  t.equal(ratesBetween(BEFORE, { ...BEFORE, cnt_fsynctime: 0 }, 1000), null);
  t.equal(ratesBetween(BEFORE, BEFORE, 0), null);
  t.end();
});
