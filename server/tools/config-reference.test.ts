import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { CONFIG_KEY_NAMES } from '../config-keys.ts';
import { configReference } from './config-reference.ts';

const FILE = resolve(import.meta.dirname, '../../../docs/CONFIGURATION.md');

await t.test('docs/CONFIGURATION.md is what the keys say now', async (t) => {
  t.equal(readFileSync(FILE, 'utf8'), configReference(), 'run npm run server:config-reference');
});

await t.test('each key has a line with its default', async (t) => {
  const lines = configReference().split('\n');
  for (const name of CONFIG_KEY_NAMES) {
    t.equal(lines.filter((line) => line.startsWith(`| \`${name}\` `)).length, 1, name);
  }
  t.match(configReference(), /\| `tickTime` +\| 3000 +\| an integer from 1 /);
  t.match(configReference(), /\| `forceSync` +\| yes +\| yes or no/);
});
