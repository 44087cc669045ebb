import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../', import.meta.url));
const TITLE = /\.test\(\s*(['"`])(.*?)\1/g;

/** Titles of all tests below these folders of the build; those that are put together as they run are as in the source. */
export function testTitles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(DIST, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.js'))
      .flatMap((path) => {
        const text = readFileSync(join(DIST, folder, path), 'utf8');
        return Array.from(text.matchAll(TITLE), ([, , title = '']) => title);
      }),
  );
}
