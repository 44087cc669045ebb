import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { createEnsemble } from '../../../harness/ensemble/create-ensemble.ts';
import { stampedeProgram } from '../../../harness/ensemble/embedded.ts';
import { CONFIG_FOR } from '../../../harness/http/http-workload.ts';
import { SILENT_LOG } from '../../base/log.ts';
import { makeZxid } from '../../base/zxid.ts';
import { startLogged } from '../testing/logged-server.ts';
import { DataCommands } from './data-commands.ts';
import type { HttpRequest } from './http-request.ts';

const OPEN = ['admin.snapshot.enabled=true', 'admin.restore.enabled=true', 'admin.rateLimiterIntervalInMS=0'];
const ANN = 'ann:pass';

interface Running {
  readonly client: Client;
  readonly ask: (method: string, path: string, more?: Asked) => Promise<Response>;
  readonly stop: () => Promise<void>;
  readonly log: readonly string[];
}
interface Asked {
  readonly as?: string;
  readonly body?: ArrayBuffer | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

async function start(t: Test, directory: string, more: readonly string[] = OPEN): Promise<Running> {
  const running = await startLogged(directory, ['admin.enableServer=true', 'admin.serverPort=0', ...more], {
    onFailure: (error) => t.fail(error.message),
  });
  const { server, log } = running;
  t.teardown(() => server.stop());
  const url = running.urlOf('AdminServer');
  const client = await Client.connect({ connectString: `127.0.0.1:${server.clientPort}` });
  t.teardown(() => client.destroy());
  const ask: Running['ask'] = (method, path, { as, body } = {}) => {
    const headers: Record<string, string> = as === undefined ? {} : { Authorization: as };
    // A stream as a body is not sent without it.
    const duplex = 'half';
    const init = body === undefined ? { method, headers } : { method, headers, body, duplex };
    return fetch(`${url}/commands/${path}`, init);
  };
  return { client, ask, stop: () => server.stop(), log };
}

/** So that nothing says how long it is. */
function streamOf(length: number): ReadableStream<Uint8Array> {
  let left = length;
  return new ReadableStream({
    pull: (controller) => {
      const chunk = new Uint8Array(Math.min(left, 1 << 16));
      left -= chunk.length;
      if (chunk.length > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

function digestOf(userAndPassword: string): string {
  return `${userAndPassword.split(':')[0]}:${createHash('sha1').update(userAndPassword).digest('base64')}`;
}

async function errorOf(response: Response): Promise<unknown> {
  return [response.status, ((await response.json()) as { error: unknown }).error];
}

await t.test('only who may do everything with the root is answered', async (t) => {
  const { client, ask, log } = await start(t, t.testdir({}));
  await client.setAcl('/', [
    { perms: 31, scheme: 'digest', id: digestOf(ANN) },
    { perms: 15, scheme: 'digest', id: digestOf('bob:pass') },
    { perms: 15, scheme: 'ip', id: '127.0.0.1' },
  ]);
  for (const [method, command] of [
    ['GET', 'snapshot'],
    ['GET', 'snap'],
    ['POST', 'restore'],
    ['POST', 'rest'],
  ] as const) {
    t.same(await errorOf(await ask(method, command)), [401, 'Auth info is missing for the command']);
    for (const as of ['digest', 'digest ', 'nosuch a', 'digest ann:pass x', `Basic ${btoa(ANN)}`])
      t.match(await errorOf(await ask(method, command, { as })), [/401|403/, /Not auth/], as);
    for (const as of ['digest ann:wrong', 'digest bob:pass', 'ip', 'ip 10.0.0.1'])
      t.same(await errorOf(await ask(method, command, { as })), [403, 'Not authorized'], as);
  }
  t.equal((await ask('GET', 'snapshot', { as: `digest ${ANN}` })).status, 200);
  t.notMatch(log.join(''), /pass|wrong/, 'nobody’s password is in the log');
});

await t.test('what is not enabled, asked for too soon or in another way is refused', async (t) => {
  const as = `digest ${ANN}`;
  const closed = await start(t, t.testdir({}), []);
  t.same(await errorOf(await closed.ask('GET', 'snapshot', { as })), [
    503,
    'admin.snapshot.enabled is not set',
  ]);
  t.same(await errorOf(await closed.ask('POST', 'restore', { as })), [
    503,
    'admin.restore.enabled is not set',
  ]);
  await closed.stop();
  const { ask } = await start(t, t.testdir({}), ['admin.snapshot.enabled=true']);
  t.equal((await ask('POST', 'snapshot', { as })).status, 405);
  t.equal((await ask('GET', 'restore', { as })).status, 405);
  const response = await ask('GET', 'snapshot?streaming=false', { as });
  t.match(response.headers.get('last_zxid'), /^0x[\da-f]+$/);
  t.ok(Number(response.headers.get('snapshot_size')) > 100);
  t.same(await response.json(), { command: 'snapshot', error: null });
  t.match(await errorOf(await ask('GET', 'snapshot', { as })), [429, /rateLimiterIntervalInMS/]);
});

await t.test(
  'a server goes on from a snapshot that it is given, and from nothing else after a start',
  async (t) => {
    const as = `digest ${ANN}`;
    const directory = t.testdir({});
    const { client, ask, stop } = await start(t, directory);
    const value = Buffer.alloc(100_000, 'x');
    for (let i = 0; i < 20; i++) await client.create(`/n${i}`, value);
    await client.create('/e', null, { flags: 1 });
    const taken = await ask('GET', 'snapshot', { as });
    const snapshot = await taken.arrayBuffer();
    t.equal(String(snapshot.byteLength), taken.headers.get('snapshot_size'));
    t.equal(taken.headers.get('content-type'), 'application/octet-stream');
    t.ok(snapshot.byteLength > 2_000_000);

    await client.delete('/n0');
    const { stat } = await client.create('/later', null);
    const response = await ask('POST', 'restore', { as, body: snapshot });
    const { last_zxid: zxid, error } = (await response.json()) as { last_zxid: number; error: unknown };
    t.same([response.status, error], [200, null]);
    t.ok(zxid > stat.czxid, 'no zxid is used twice');

    // Its session is in the snapshot: it comes back to it, and to what it held.
    const there = async (): Promise<boolean> => (await client.exists('/n0').catch(() => null)) !== null;
    while (!(await there())) await new Promise((resolve) => setImmediate(resolve));
    t.equal(await client.exists('/later'), null);
    t.equal((await client.exists('/e'))?.ephemeralOwner, client.session?.id);
    t.same((await client.getData('/n0')).data, new Uint8Array(value));
    const { stat: after } = await client.create('/after', null);
    t.ok(after.czxid > zxid);
    t.notOk(readdirSync(join(directory, 'data/version-2')).includes('tmp.restore'), 'nothing is left of it');
    client.destroy();
    await stop();

    const again = await start(t, directory);
    t.not(await again.client.exists('/n0'), null);
    t.not(await again.client.exists('/after'), null);
    t.equal(await again.client.exists('/later'), null);
  },
);

await t.test(
  'of a snapshot that is damaged or cut off nothing is taken, and clients notice nothing',
  async (t) => {
    const as = `digest ${ANN}`;
    const { client, ask } = await start(t, t.testdir({}));
    await client.create('/a', Buffer.from('value'));
    const whole = new Uint8Array(await (await ask('GET', 'snapshot', { as })).arrayBuffer());
    await client.create('/later', null);
    const damaged = whole.slice();
    const at = damaged.length >> 1;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    for (const body of [damaged, whole.slice(0, -20), whole.slice(0, 10), Buffer.from('no snapshot at all')])
      t.match(await errorOf(await ask('POST', 'restore', { as, body: new Uint8Array(body) })), [
        500,
        /tmp\.restore/,
      ]);
    t.not(await client.exists('/later'), null, 'over the same connection as before');
    const { stat } = await client.create('/still', null);
    t.ok(stat.czxid > 0);
  },
);

await t.test('an upload is a snapshot, and no longer than it may be', async (t) => {
  const as = `digest ${ANN}`;
  const directory = t.testdir({});
  const { client, ask, log } = await start(t, directory, [...OPEN, 'stampede.maxRestoreBytes=200000']);
  const whole = new Uint8Array(await (await ask('GET', 'snapshot', { as })).arrayBuffer());
  const { stat } = await client.create('/later', null);
  t.match(await errorOf(await ask('POST', 'restore', { as })), [400, /there is none/]);
  for (const body of [new Uint8Array(200_001), streamOf(200_001), streamOf(20_000_000)]) {
    t.match(await errorOf(await ask('POST', 'restore', { as, body })), [
      413,
      /more than the 200000 bytes that stampede\.maxRestoreBytes/,
    ]);
    t.notOk(readdirSync(join(directory, 'data/version-2')).includes('tmp.restore'), 'nothing is left of it');
  }
  t.match(log.join(''), /restore for 127\.0\.0\.1: failed, and nothing has changed: the snapshot has more/);
  t.match(await errorOf(await ask('POST', 'restore', { as, body: streamOf(200_000) })), [
    500,
    /does not begin/,
  ]);
  t.equal((await client.exists('/later'))?.czxid, stat.czxid);
  t.equal((await ask('POST', 'restore', { as, body: whole })).status, 200);
});

await t.test('a restore that the disk has no place for leaves everything as it was', async (t) => {
  const as = `digest ${ANN}`;
  const directory = t.testdir({});
  const { client, ask } = await start(t, directory);
  const body = await (await ask('GET', 'snapshot', { as })).arrayBuffer();
  const { stat } = await client.create('/later', null);
  // Where the new state would be written.
  mkdirSync(join(directory, `data/version-2/tmp.snapshot.${(stat.czxid + 1).toString(16)}`));
  t.match(await errorOf(await ask('POST', 'restore', { as, body })), [500, /EISDIR/]);
  const there = async (): Promise<boolean> => (await client.exists('/later').catch(() => null)) !== null;
  while (!(await there())) await new Promise((resolve) => setImmediate(resolve));
  t.match(await client.create('/after', null), { path: '/after' });
});

await t.test('what one restore leaves behind is gone before another begins', async (t) => {
  const uploadPath = join(t.testdir({}), 'upload');
  const isThere: boolean[] = [];
  const commands = new DataCommands({
    commandUrl: '/commands',
    snapshotEnabled: false,
    restoreEnabled: true,
    restoreBytesMax: 100,
    intervalMs: 0,
    isServing: () => true,
    keeper: {
      authenticate: () => [{ scheme: 'super', id: '' }],
      mayDoEverything: () => true,
      takeSnapshot: () => t.fail('nobody asks for it'),
      uploadPath,
      restore: (path, done) => {
        isThere.push(existsSync(path));
        setImmediate(() => done(null, makeZxid(0, 1)));
      },
    },
    nowMs: () => 0,
    log: SILENT_LOG,
  });
  const request = {
    method: 'POST',
    url: new URL('http://localhost/commands/restore'),
    headers: { authorization: 'super' },
    remoteAddress: '127.0.0.1',
    hasBody: true,
    saveTo: async (path: string) => {
      writeFileSync(path, 'x');
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
  } as unknown as HttpRequest;
  const restore = async (): Promise<number | undefined> => (await commands.answer(request))?.status;
  const first = restore();
  // As soon as it may.
  while ((await restore()) === 429) await new Promise((resolve) => setImmediate(resolve));
  t.equal(await first, 200);
  t.same(isThere, [true, true]);
});

await t.test('servers of an ensemble hand out snapshots, and take none', async (t) => {
  const as = `digest ${ANN}`;
  const program = stampedeProgram();
  const ensemble = await createEnsemble({
    servers: [{ program }, { program }, { program }],
    directory: t.testdir({}),
    config: {
      ...CONFIG_FOR.admin,
      ...Object.fromEntries(OPEN.map((line) => line.split('='))),
      tickTime: '500',
    },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  for (const { operatorAddresses } of ensemble.servers) {
    const url = `http://${operatorAddresses.admin}/commands`;
    const headers = { Authorization: as };
    const body = await (await fetch(`${url}/snapshot`, { headers })).arrayBuffer();
    t.ok(body.byteLength > 100);
    const restored = await fetch(`${url}/restore`, { method: 'POST', headers, body });
    t.match(await errorOf(restored), [409, /ensemble.*OPERATING/]);
  }
});
