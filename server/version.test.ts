import { readFileSync } from 'node:fs';
import t from 'tap';
import { DEFAULT_VERSION_LINE, STAMPEDE_VERSION } from './version.ts';

await t.test('the version is package.json’s', async (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  t.equal(STAMPEDE_VERSION, manifest.version);
});

await t.test('the version line has the form that clients parse', async (t) => {
  t.match(DEFAULT_VERSION_LINE, /^\d+\.\d+\.\d+[A-Za-z0-9.-]*, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
});
