import t from 'tap';
import { testTitles } from '../test-titles.ts';
import { CVES, SURFACES } from './catalogue.ts';

await t.test(
  'every CVE of Apache’s, and every other surface that is known, is held by tests that exist',
  async (t) => {
    const known = testTitles(['server', 'harness']);
    const all = [...CVES, ...SURFACES];
    t.equal(CVES.length, 11);
    t.equal(SURFACES.length, 23);
    t.equal(new Set(all.map(({ name }) => name)).size, all.length);
    for (const { name, tests } of all) {
      t.ok(tests.length > 0, name);
      t.same(
        tests.filter((test) => !known.some((title) => title.includes(test))),
        [],
        name,
      );
    }
  },
);
