import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { NONE, OpKind } from '../history/op.ts';
import { AvailabilityBins, LoadStats } from './load-stats.ts';

const BIN_NS = 1e8;

await t.test('an operation that succeeds counts as intended, too, in whichever interval', async (t) => {
  const stats = new LoadStats(new AvailabilityBins({ binNs: BIN_NS, deadlineNs: 1e9 }));
  t.teardown(() => stats.destroy());
  const prng = new Prng(1);
  for (let bin = 0; bin < 5000; bin += 1 + prng.below(3)) {
    const invokeNs = (bin + prng.next()) * BIN_NS;
    stats.succeeded(OpKind.getData, NONE, invokeNs, invokeNs + 1e6);
  }
  const { intended, succeeded } = stats.availability.counts();
  t.same(succeeded, intended);
  t.ok(intended.every((count) => count <= 1) && intended.length > 4096);
});
