import t from 'tap';
import { apacheProgram, SMALL_JVM_FLAGS } from '../ensemble/apache.ts';
import { findApache } from '../ensemble/find-apache.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { RECIPES } from './recipes.ts';
import { playRecipe } from './testing/play-recipe.ts';

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
      t.same(result.anomalies, []);
      t.equal(result.verdict, 'valid');
    }
  });
}
