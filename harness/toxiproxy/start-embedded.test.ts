import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { waitUntil } from '../ensemble/wait-until.ts';
import { cleanEnvironment } from '../load/clean-environment.ts';
import { ToxiproxyClient } from './client.ts';
import { startEmbedded } from './start-embedded.ts';
import { dialed, Upstream } from './testing/peer.ts';

const WAIT = { timeoutMs: 20_000 };

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

await t.test(
  'its API is there when it has started, its proxies work, and nothing is left when it has stopped',
  async (t) => {
    const embedded = await startEmbedded();
    t.teardown(() => embedded.stop());
    const client = new ToxiproxyClient(embedded.url);
    const upstream = await Upstream.listen(t);
    const { listen } = await client.create({ name: 'p', listen: '127.0.0.1:0', upstream: upstream.address });
    const peer = await dialed(t, listen);
    const server = await upstream.accepted();
    peer.send('x');
    await server.untilBytes(1);
    await embedded.stop();
    t.equal(isRunning(embedded.pid), false);
    await Promise.all([peer.untilEvent('end'), server.untilEvent('end')]);
    await t.rejects(dialed(t, listen), { code: 'ECONNREFUSED' });
    await embedded.stop();
  },
);

await t.test('it is stock when it is told to be', async (t) => {
  for (const isStock of [false, true]) {
    const embedded = await startEmbedded({ isStock });
    t.teardown(() => embedded.stop());
    const client = new ToxiproxyClient(embedded.url);
    await client.create({ name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    const added = client.addToxic('p', { type: 'loss' });
    if (isStock) await t.rejects(added, { message: /400 invalid toxic type/ });
    else await added;
  }
});

/** A process that starts one, prints its URL, and then does what `rest` says. */
async function parentOf(t: Test, rest: string) {
  const module = new URL('./start-embedded.js', import.meta.url).href;
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(module)});
    process.stdout.write((await startEmbedded()).url);
    ${rest}`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { env: cleanEnvironment() });
  t.teardown(() => parent.kill('SIGKILL'));
  const exited = once(parent, 'exit') as Promise<[number | null]>;
  const [url] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, exited, client: new ToxiproxyClient(String(url)) };
}

/** Nobody listens there any more: the process may be a zombie still. */
async function isGone(client: ToxiproxyClient): Promise<boolean> {
  return client.version().then(
    () => false,
    () => true,
  );
}

await t.test('when its parent is killed it ends, too', async (t) => {
  const { parent, client } = await parentOf(t, 'setInterval(() => {}, 1000);');
  t.equal(await client.version(), '2.12.0');
  parent.kill('SIGKILL');
  t.equal(await waitUntil(() => isGone(client), WAIT), 'met');
});

await t.test('a parent that has nothing more to do is not kept alive by it', async (t) => {
  const { exited, client } = await parentOf(t, '');
  t.same(await exited, [0, null]);
  t.equal(await waitUntil(() => isGone(client), WAIT), 'met');
});

await t.test('a port that is taken is told of', async (t) => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => void other.close());
  const { port } = other.address() as AddressInfo;
  await t.rejects(startEmbedded({ port }), { message: /does not start:\n.*EADDRINUSE/ });
});
