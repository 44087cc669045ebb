import { readFileSync } from 'node:fs';
import t from 'tap';
import { MUTANTS } from './mutants.ts';

const DIST = new URL('../../../', import.meta.url);

await t.test('every planted bug still has its place in the code', async (t) => {
  for (const { id, patches } of MUTANTS) {
    for (const { file, find } of patches) {
      const places = readFileSync(new URL(file, DIST), 'utf8').split(find).length - 1;
      t.equal(places, 1, `${id} in ${file}`);
    }
  }
});
