import t from 'tap';
import { stampedeProgram } from '../ensemble/embedded.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { RECIPES } from './recipes.ts';
import { playRecipe, STEPS_MIN } from './testing/play-recipe.ts';

// One after the other.
t.setTimeout(280_000);

for (const recipe of RECIPES.values()) {
  await t.test(`${recipe.name}: a right ensemble keeps its promises when its leader is killed`, async (t) => {
    const run = await playRecipe(recipe, stampedeProgram(), {
      directory: t.testdir(),
      teardown: (end) => t.teardown(end),
    });
    for (const result of [judgeTranscript(run), recipe.check(run)]) {
      t.same(result.anomalies, []);
      t.equal(result.verdict, 'valid');
      t.ok(result.opsChecked >= STEPS_MIN / 2, `${result.name} has looked at ${result.opsChecked}`);
    }
  });
}
