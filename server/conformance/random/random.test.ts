import { join } from 'node:path';
import t from 'tap';
import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { formatMismatch } from '../sequence/compare.ts';
import { startTarget, whyUnavailable } from '../targets.ts';
import { compareSeed, RANDOM_TARGET } from './reference.ts';

const SEEDS = 8;
const OPERATIONS = 500;

const skip = whyUnavailable('apache') || whyUnavailable('ours');

await t.test('whatever three clients ask, ours answers as Apache does', { skip }, async (t) => {
  const search = findApache();
  const isBefore39 = search.found && /^3\.[0-8]\./.test(search.apache.version);
  const directory = t.testdir();
  const start = async (name: string) => {
    const target = await startTarget(name, { directory: join(directory, name), ...RANDOM_TARGET });
    t.teardown(() => target.stop());
    return target.address;
  };
  const [apache, ours] = await Promise.all([start('apache'), start('ours')]);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const plan = { seed, operationCount: OPERATIONS, isBefore39 };
    const { mismatches, stepCount } = await compareSeed(apache, ours, plan);
    t.ok(stepCount > OPERATIONS / 2, `seed ${seed}: ${stepCount} steps`);
    t.same(mismatches.slice(0, 3).map(formatMismatch), [], `seed ${seed}`);
  }
});
