import t from 'tap';
import { testTitles } from '../test-titles.ts';
import { TRAPS } from './catalogue.ts';

const COUNT = 92;

await t.test(
  'every trap of the protocol notes is held by a test, or it says what it waits for',
  async (t) => {
    t.same(
      [...TRAPS.keys()],
      Array.from({ length: COUNT }, (_, i) => i + 1),
    );
    const known = testTitles(['server']);
    const missing = [...TRAPS].filter(
      ([, { held }]) => 'test' in held && !known.some((title) => title.includes(held.test)),
    );
    t.same(
      missing.map(([number, { held }]) => `${number}: ${'test' in held ? held.test : ''}`),
      [],
    );
  },
);
