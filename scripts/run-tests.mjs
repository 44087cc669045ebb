// `npm test [-- file…]`: runs built tests, each file in a process of its own; all of them unless told, but of
// `*.long.test.js` none, or with --long nothing else.
//
// tap's own runner gives each process a loader that notes which files it reads, for coverage and for `--changed`. That
// costs half a second of processor time a file, of which there are hundreds: here they start without it.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { t } from 'tap';
import Summary from './tap-reporter.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Most of the long ones wait for servers most of the time. */
const JOBS_PER_CORE = 2;
/** For a file: a guard against what hangs, not a claim. */
const TIMEOUT_S = 300;

/** @param {boolean} areLong */
function builtTests(areLong) {
  return (
    readdirSync(join(ROOT, 'dist'), { recursive: true })
      .filter((name) => name.endsWith('.test.js') && name.endsWith('.long.test.js') === areLong)
      // The compiler leaves there what it made of files that are gone.
      .filter((name) => existsSync(join(ROOT, name.replace(/\.js$/, '.ts'))))
      .map((name) => join(ROOT, 'dist', name))
      .sort()
  );
}

const named = process.argv.slice(2).filter((word) => word !== '--long');
const files = named.length > 0 ? named : builtTests(process.argv.includes('--long'));

t.pipe(new Summary()).pipe(process.stdout);
t.register();
t.setTimeout(0);
t.jobs = JOBS_PER_CORE * availableParallelism();
for (const file of files) {
  // tap adds its loader to NODE_OPTIONS when it spawns something.
  void t.spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, '--enable-source-maps', file], {
    name: relative(ROOT, file),
    buffered: true,
    timeout: 1000 * TIMEOUT_S,
    env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_S) },
    at: null,
    stack: '',
  });
}
