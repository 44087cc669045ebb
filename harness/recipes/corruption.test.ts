import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { unsaidIn } from '../checkers/self-test/explained.ts';
import { stampedeProgram } from '../ensemble/embedded.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { bank } from './bank.ts';
import { barrier } from './barrier.ts';
import { configFanout } from './config-fanout.ts';
import { counter } from './counter.ts';
import { election } from './election.ts';
import { groupMembership } from './group-membership.ts';
import { lock } from './lock.ts';
import { queue } from './queue.ts';
import { register } from './register.ts';
import { sequentialIds } from './sequential-ids.ts';
import { serviceDiscovery } from './service-discovery.ts';
import { set } from './set.ts';
import { CHANGES } from './testing/corrupt.ts';
import { playRecipe } from './testing/play-recipe.ts';

/** Of each kind, for each recipe. */
const COPIES = 10;
const SHARE_MIN = 0.99;
const SEED = 1;

const ALL = [
  bank,
  barrier,
  configFanout,
  counter,
  election,
  groupMembership,
  lock,
  queue,
  register,
  sequentialIds,
  serviceDiscovery,
  set,
];

// One after the other.
t.setTimeout(280_000);

for (const recipe of ALL) {
  await t.test(`${recipe.name}: a recording that was changed in one place is found out`, async (t) => {
    const recording = await playRecipe(recipe, stampedeProgram(), {
      directory: t.testdir(),
      teardown: (end) => t.teardown(end),
    });
    t.equal(judgeTranscript(recording).verdict, 'valid');
    t.equal(recipe.check(recording).verdict, 'valid');
    const prng = new Prng(SEED);
    let [copies, found, byRecipe] = [0, 0, 0];
    for (const [kind, change] of CHANGES) {
      const score = { copies: 0, found: 0, byRecipe: 0 };
      for (let i = 0; i < COPIES; i++) {
        const changed = change(recording, prng);
        if (changed === null) continue;
        const result = recipe.check(changed);
        t.same(unsaidIn(result), [], `${kind}: every finding explains itself`);
        const isFoundByRecipe = result.verdict === 'invalid';
        const isFound = isFoundByRecipe || judgeTranscript(changed).verdict === 'invalid';
        score.copies++;
        if (isFound) score.found++;
        if (isFoundByRecipe) score.byRecipe++;
      }
      if (score.copies > 0)
        t.comment(`${kind}: ${score.found} of ${score.copies}, by the recipe alone ${score.byRecipe}`);
      copies += score.copies;
      found += score.found;
      byRecipe += score.byRecipe;
    }
    t.ok(copies >= 5 * COPIES, `${copies} copies`);
    t.ok(found >= SHARE_MIN * copies, `${found} of ${copies} found, ${byRecipe} by the recipe alone`);
  });
}
