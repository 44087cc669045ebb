import fs, { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../harness/client/client.ts';
import { startLogged } from './admin/testing/logged-server.ts';

await t.test('a server that has stopped leaves its directory alone, whatever it was writing', async (t) => {
  const directory = t.testdir({});
  const data = join(directory, 'data/version-2');
  const { server } = await startLogged(directory, ['snapCount=2']);
  // The disk takes its time over a snapshot.
  const { open } = fs;
  t.teardown(() => (fs.open = open));
  const held: (() => void)[] = [];
  const isBegun = new Promise<void>((resolve) => {
    const holding = (...args: Parameters<typeof open>): void => {
      if (!String(args[0]).includes('tmp.snapshot')) {
        open(...args);
        return;
      }
      held.push(() => open(...args));
      resolve();
    };
    fs.open = Object.assign(holding, open);
  });
  const client = await Client.connect({ connectString: `127.0.0.1:${server.clientPort}` });
  t.teardown(() => client.destroy());
  for (let i = 0; i < 4; i++) await client.create(`/n${i}`);
  await isBegun;

  let hasStopped = false;
  const stopped = server.stop().then(() => (hasStopped = true));
  // As soon as the log is closed: what was prepared for it is gone.
  while (readdirSync(data).some((name) => name.startsWith('tmp.log'))) await turn();
  for (let i = 0; i < 20; i++) await turn();
  t.notOk(hasStopped, 'a file is still to be made');
  for (const go of held.splice(0)) go();
  await stopped;
  t.same(
    readdirSync(data).filter((name) => /snapshot/.test(name)),
    ['snapshot.0'],
    'it was given up',
  );
  rmSync(directory, { recursive: true });
  await turn();
  t.notOk(existsSync(directory));
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
