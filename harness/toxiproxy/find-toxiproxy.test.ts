import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findToxiproxy } from './find-toxiproxy.ts';

await t.test('what the variable names comes before what is in PATH', async (t) => {
  const directory = t.testdir({ mine: '', 'toxiproxy-server': '' });
  const mine = join(directory, 'mine');
  const inPath = join(directory, 'toxiproxy-server');
  for (const path of [mine, inPath]) chmodSync(path, 0o755);
  t.same(findToxiproxy({ STAMPEDE_TOXIPROXY: mine, PATH: directory }), { found: true, path: mine });
  t.same(findToxiproxy({ PATH: `/nowhere:${directory}` }), { found: true, path: inPath });
});

await t.test('where there is none it says why', async (t) => {
  t.match(findToxiproxy({ PATH: '/nowhere' }), { found: false, why: /^no toxiproxy-server in PATH/ });
  t.match(findToxiproxy({ STAMPEDE_TOXIPROXY: '/nowhere/x' }), { found: false, why: /names \/nowhere\/x/ });
  t.match(findToxiproxy({}), { found: false });
});
