import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { KNOWN_BUGS } from './catalogue.ts';

const DIST = fileURLToPath(new URL('../../../', import.meta.url));
/** A title of a test, or of a group of them. */
const TITLE = /\.test\(\s*(?:'([^'\n]*)'|`([^`\n]*)`)/g;

function titles(): string[] {
  return ['server', 'harness'].flatMap((part) =>
    readdirSync(join(DIST, part), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.js'))
      .flatMap((path) => {
        const text = readFileSync(join(DIST, part, path), 'utf8');
        return Array.from(text.matchAll(TITLE), ([, single, template]) => single ?? template ?? '');
      }),
  );
}

await t.test('every known bug is named by a test', (t) => {
  const named = new Set(titles().flatMap((title) => title.match(/\bB\d\d\b/g) ?? []));
  const untested = [...KNOWN_BUGS.keys()].filter((row) => !named.has(row));
  t.same(untested, []);
  t.end();
});
