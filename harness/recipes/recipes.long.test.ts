import t, { type Test } from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { unsaidIn } from '../checkers/self-test/explained.ts';
import { stampedeProgram } from '../ensemble/embedded.ts';
import { type Evidence, judgeTranscript } from '../transcript/judge-transcript.ts';
import type { Recipe, RecipeRun } from './recipe.ts';
import { RECIPES } from './recipes.ts';
import { CHANGES } from './testing/corrupt.ts';
import { playRecipe, STEPS_MIN } from './testing/play-recipe.ts';

/** Of each kind of change, for each recipe. */
const COPIES = 10;
const SHARE_MIN = 0.99;
const SEED = 1;

// One after the other.
t.setTimeout(280_000);

for (const recipe of RECIPES.values()) {
  await t.test(`${recipe.name}: a right ensemble keeps its promises when its leader is killed`, async (t) => {
    const recording = await playRecipe(recipe, stampedeProgram(), {
      directory: t.testdir(),
      teardown: (end) => t.teardown(end),
    });
    for (const result of [judgeTranscript(recording), recipe.check(recording)]) {
      t.same(result.anomalies, []);
      t.equal(result.verdict, 'valid');
      t.ok(result.opsChecked >= STEPS_MIN / 2, `${result.name} has looked at ${result.opsChecked}`);
    }
    if (!recipe.isForTheModelAlone)
      await t.test('and what was recorded, changed in one place, is found out', async (t) =>
        convicts(t, recipe, recording),
      );
  });
}

/** Nearly every copy with a lie in it. */
function convicts(t: Test, recipe: Recipe, recording: Evidence & RecipeRun): void {
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
}
