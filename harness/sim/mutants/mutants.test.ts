import t from 'tap';
import { misfitsOf } from '../../mutants/mutated-build.ts';
import { PLAYED_MUTANTS } from '../../mutants/played-mutants.ts';
import { MUTANTS } from './mutants.ts';

await t.test('every planted bug still has its place in the code', async (t) => {
  for (const bug of [...MUTANTS, ...PLAYED_MUTANTS]) t.same(misfitsOf(bug), [], bug.id);
});
