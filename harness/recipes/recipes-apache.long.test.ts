import t from 'tap';
import { apacheProgram, SMALL_JVM_FLAGS } from '../ensemble/apache.ts';
import { findApache } from '../ensemble/find-apache.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { RECIPES } from './recipes.ts';
import { playRecipe } from './testing/play-recipe.ts';

/**
 * What Apache's servers do now and then: a client of the leader has its `sync` answered as a read is, at once, though a
 * follower has acknowledged by then what the leader itself has yet to apply (its CommitProcessor waits for no sync).
 */
const TRUE_OF_APACHE = new Set(['shown after its end']);

const search = findApache();
const skip = search.found ? false : search.why;

// One after the other.
t.setTimeout(280_000);

for (const recipe of RECIPES.values()) {
  await t.test(`${recipe.name}: nobody accuses Apache's servers of anything`, { skip }, async (t) => {
    if (!search.found) return;
    const run = await playRecipe(recipe, apacheProgram(search.apache, SMALL_JVM_FLAGS), {
      directory: t.testdir(),
      teardown: (end) => t.teardown(end),
    });
    for (const result of [judgeTranscript(run), recipe.check(run)]) {
      const untrue = result.anomalies.filter(({ name }) => !TRUE_OF_APACHE.has(name));
      t.same(untrue, []);
      if (result.anomalies.length === 0) t.equal(result.verdict, 'valid');
    }
  });
}
