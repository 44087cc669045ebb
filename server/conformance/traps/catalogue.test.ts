import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { TRAPS } from './catalogue.ts';

const DIST = fileURLToPath(new URL('../../../', import.meta.url));
const TITLE = /\.test\(\s*(['"`])(.*?)\1/g;
const COUNT = 92;

function titles(): string[] {
  return readdirSync(join(DIST, 'server'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js'))
    .flatMap((path) => {
      const text = readFileSync(join(DIST, 'server', path), 'utf8');
      return Array.from(text.matchAll(TITLE), ([, , title = '']) => title);
    });
}

await t.test(
  'every trap of the protocol notes is held by a test, or it says what it waits for',
  async (t) => {
    t.same(
      [...TRAPS.keys()],
      Array.from({ length: COUNT }, (_, i) => i + 1),
    );
    const known = titles();
    const missing = [...TRAPS].filter(
      ([, { held }]) => 'test' in held && !known.some((title) => title.includes(held.test)),
    );
    t.same(
      missing.map(([number, { held }]) => `${number}: ${'test' in held ? held.test : ''}`),
      [],
    );
  },
);
