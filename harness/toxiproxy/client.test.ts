import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import t, { type Test } from 'tap';
import { ToxiproxyClient } from './client.ts';
import { createHttpApi } from './embedded/http-api.ts';
import { Registry } from './embedded/registry.ts';

/** A client of an API in this process; both end with the test. */
async function clientOf(t: Test, { isStock = false } = {}): Promise<ToxiproxyClient> {
  const registry = new Registry({ seed: 1, isStock, redial: { everyMs: 1, limitMs: 1000 } });
  t.teardown(() => registry.close());
  return new ToxiproxyClient(await served(t, createHttpApi(registry)));
}

async function served(t: Test, server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (t: Test, listener: RequestListener): Promise<string> => served(t, createServer(listener));

const SPEC = { name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };

await t.test('proxies are created, found, changed and removed', async (t) => {
  const client = await clientOf(t);
  t.equal(await client.version(), '2.12.0');
  const created = await client.create(SPEC);
  t.match(created, { ...SPEC, listen: /^127\.0\.0\.1:[1-9]\d*$/, enabled: true });
  t.same(await client.get('p'), created);
  t.same(await client.disable('p'), { ...created, enabled: false });
  t.same(await client.enable('p'), created, 'it listens where it did');
  t.same(await client.update('p', { upstream: '127.0.0.1:2' }), { ...created, upstream: '127.0.0.1:2' });
  t.equal((await client.list()).length, 1);
  await client.remove('p');
  t.same(await client.list(), []);
});

await t.test('many are created at once, and none is no question', async (t) => {
  for (const isStock of [false, true]) {
    const client = await clientOf(t, { isStock });
    const states = await client.populate([SPEC, { ...SPEC, name: 'q', enabled: false }]);
    t.same(
      states.map(({ name, enabled }) => [name, enabled]),
      [
        ['p', true],
        ['q', false],
      ],
    );
    t.same(await client.populate([]), []);
  }
});

await t.test('toxics are added, listed, changed and removed', async (t) => {
  const client = await clientOf(t);
  await client.create(SPEC);
  const down = await client.addToxic('p', { type: 'black_hole' });
  t.same(down, {
    type: 'black_hole',
    name: 'black_hole_downstream',
    stream: 'downstream',
    toxicity: 1,
    attributes: {},
  });
  const up = await client.addToxic('p', {
    type: 'latency',
    name: 'slow',
    stream: 'upstream',
    toxicity: 0.5,
    attributes: { latency: 7 },
  });
  t.same(up.attributes, { latency: 7, jitter: 0 });
  t.same(await client.toxics('p'), [up, down]);
  t.same(await client.updateToxic('p', 'slow', { attributes: { jitter: 2 } }), {
    ...up,
    attributes: { latency: 7, jitter: 2 },
  });
  t.equal((await client.updateToxic('p', 'slow', { toxicity: 1 })).toxicity, 1);
  await client.removeToxic('p', 'slow');
  t.same(await client.toxics('p'), [down]);
  await client.reset();
  t.same(await client.toxics('p'), []);
});

await t.test('a refusal has its status and the words of the server', async (t) => {
  const client = await clientOf(t);
  await client.create(SPEC);
  const refusals: readonly (readonly [() => Promise<unknown>, number, RegExp])[] = [
    [() => client.create(SPEC), 409, /^POST http:.*\/proxies: 409 proxy already exists$/],
    [() => client.get('q'), 404, /: 404 proxy not found$/],
    [() => client.removeToxic('p', 'x'), 404, /^DELETE .*\/proxies\/p\/toxics\/x: 404 toxic not found$/],
    [() => client.addToxic('p', { type: 'nope' }), 400, /: 400 invalid toxic type$/],
    [
      () => client.create({ ...SPEC, name: 'q', listen: '203.0.113.1:0' }),
      500,
      /cannot assign requested address$/,
    ],
    [() => client.populate([{ ...SPEC, name: 'q', upstream: '' }]), 400, /field: upstream at proxy 1$/],
  ];
  for (const [call, status, message] of refusals) {
    await t.rejects(call(), { name: 'ToxiproxyError', code: 'toxiproxy', status, message });
  }
});

await t.test('a name that would not be a part of a path is refused before anything is asked', async (t) => {
  const client = new ToxiproxyClient('http://127.0.0.1:1');
  for (const name of ['', '..', '.', 'a/b', 'a?b', 'a#b', 'a b', '%41', 'ä', 'a\n']) {
    const refusal = { message: /^not a name for a proxy or a toxic: / };
    await t.rejects(client.create({ ...SPEC, name }), refusal, name);
    await t.rejects(client.get(name), refusal, name);
    await t.rejects(client.disable(name), refusal, name);
    await t.rejects(client.toxics(name), refusal, name);
    await t.rejects(client.removeToxic('p', name), refusal, name);
    await t.rejects(client.addToxic('p', { type: 'noop', name }), refusal, name);
  }
});

await t.test('a server that does not answer, or not to the end, is given up', async (t) => {
  const mute = createTcpServer((socket) => void socket.on('error', () => {}).resume());
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  t.teardown(() => void mute.close());
  const urls = [
    `http://127.0.0.1:${(mute.address() as AddressInfo).port}`,
    await answering(t, (_request, response) => void response.writeHead(200).write('{')),
  ];
  for (const url of urls) {
    const client = new ToxiproxyClient(url, { timeoutMs: 50 });
    const calls: readonly Promise<unknown>[] = [
      client.list(),
      client.version(),
      client.reset(),
      client.remove('p'),
    ];
    for (const call of calls) {
      await t.rejects(call, { name: 'ToxiproxyError', status: null, message: /: no answer within 50 ms$/ });
    }
  }
});

await t.test('a server that is not there, or is none, is told of', async (t) => {
  await t.rejects(new ToxiproxyClient('http://127.0.0.1:1').list(), {
    name: 'ToxiproxyError',
    message: /^GET http:\/\/127\.0\.0\.1:1\/proxies: .*(ECONNREFUSED|bad port)/,
  });
  const other = await answering(
    t,
    (_request, response) => void response.writeHead(503).end('<html>busy</html>'),
  );
  await t.rejects(new ToxiproxyClient(other).list(), { status: 503, message: /: 503 <html>busy<\/html>$/ });
});
