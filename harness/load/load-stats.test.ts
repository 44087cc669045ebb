import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { NONE, OpKind } from '../history/op.ts';
import { AvailabilityBins, LoadStats } from './load-stats.ts';

const BIN_NS = 1e8;

await t.test('an operation that succeeds counts in the interval it was meant to start in', async (t) => {
  const stats = new LoadStats(new AvailabilityBins({ binNs: BIN_NS, deadlineNs: 1e9 }));
  t.teardown(() => stats.destroy());
  const prng = new Prng(1);
  for (let i = 0; i < 20_000; i++) {
    // Fractions of a nanosecond, close to where one interval ends and the next begins.
    const invokeNs = (1 + prng.below(1000)) * BIN_NS + (prng.next() - 0.5) / 1000;
    stats.succeeded(OpKind.getData, NONE, invokeNs, invokeNs + prng.next() * 1e6);
  }
  const { intended, succeeded } = stats.availability.counts();
  t.same(succeeded, intended);
});
