import t from 'tap';
import { join } from 'node:path';
import { freePorts } from '../ensemble/free-ports.ts';
import { ServerProcess } from '../ensemble/server-process.ts';
import { ToxiproxyClient } from './client.ts';
import { API_ROWS } from './conformance/api-rows.ts';
import { LINK_ROWS } from './conformance/link-rows.ts';
import { TOXIC_ROWS } from './conformance/toxic-rows.ts';
import { type Kind, World } from './conformance/world.ts';
import { findToxiproxy } from './find-toxiproxy.ts';
import { startEmbedded } from './start-embedded.ts';
import type { Ending } from './testing/peer.ts';

/**
 * What Toxiproxy does, asked of ours in stock mode, and of the real one where there is one: what is true of both is
 * no opinion of ours.
 */
const ROWS = [...API_ROWS, ...LINK_ROWS, ...TOXIC_ROWS];

async function startStock(ending: Ending): Promise<string> {
  const embedded = await startEmbedded({ isStock: true });
  ending.teardown(() => embedded.stop());
  return embedded.url;
}

async function startReal(ending: Ending, path: string, directory: string): Promise<string> {
  const [port] = (await freePorts(1)) as [number];
  const process = new ServerProcess({
    name: 'toxiproxy',
    command: path,
    args: ['-host', '127.0.0.1', '-port', String(port)],
    env: { LOG_LEVEL: 'error' },
    cwd: directory,
    logFile: join(directory, 'toxiproxy.log'),
  });
  ending.teardown(() => process.kill());
  await process.spawn();
  const url = `http://127.0.0.1:${port}`;
  const client = new ToxiproxyClient(url);
  const isThere = (): Promise<boolean> =>
    client.version().then(
      () => true,
      () => false,
    );
  await process.untilReady(isThere, { timeoutMs: 20_000 });
  return url;
}

async function checkRows(t: Tap, kind: Kind, url: string): Promise<void> {
  for (const { claim, differs, run } of ROWS) {
    await t.test(differs === undefined ? claim : `${claim} (${differs})`, async (t) => {
      await run(await World.create(t, kind, url));
    });
  }
}

type Tap = typeof t;

await t.test('ours, in stock mode', async (t) => checkRows(t as Tap, 'embedded', await startStock(t)));

const real = findToxiproxy();
await t.test('the real Toxiproxy', { skip: real.found ? false : real.why }, async (t) => {
  if (real.found) await checkRows(t as Tap, 'real', await startReal(t, real.path, t.testdir()));
});
