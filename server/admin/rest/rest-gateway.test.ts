import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { startLogged } from '../testing/logged-server.ts';

interface Rest {
  readonly url: string;
  readonly client: Client;
  readonly ask: (method: string, path: string, more?: Asked) => Promise<Answer>;
}
interface Asked {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>> & { readonly id?: string; readonly children?: string[] };
  readonly headers: Headers;
}

const OCTETS = { 'Content-Type': 'application/octet-stream' };

async function start(t: Test, more: readonly string[] = ['stampede.rest.enabled=true']): Promise<Rest> {
  const lines = ['admin.enableServer=true', 'admin.serverPort=0', 'tickTime=100', ...more];
  const running = await startLogged(t.testdir({}), lines, { onFailure: (error) => t.fail(error.message) });
  const { server } = running;
  t.teardown(() => server.stop());
  const url = running.urlOf('AdminServer');
  const client = await Client.connect({ connectString: `127.0.0.1:${server.clientPort}` });
  t.teardown(() => client.close());
  const ask: Rest['ask'] = async (method, path, { body, headers = {} } = {}) => {
    const init = { method, headers: { ...(body === undefined ? {} : OCTETS), ...headers } };
    const response = await fetch(`${url}${path}`, body === undefined ? init : { ...init, body });
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type') === 'application/json';
    const json = isJson ? (JSON.parse(text) as Answer['json']) : {};
    return { status: response.status, text, json, headers: response.headers };
  };
  return { url, client, ask };
}

function basic(userAndPassword: string): Readonly<Record<string, string>> {
  return { Authorization: `Basic ${Buffer.from(userAndPassword).toString('base64')}` };
}

function digestOf(userAndPassword: string): string {
  return `${userAndPassword.split(':')[0]}:${createHash('sha1').update(userAndPassword).digest('base64')}`;
}

await t.test('it is not there unless it is asked for', async (t) => {
  const { ask } = await start(t, []);
  t.equal((await ask('GET', '/znodes/v1/')).status, 404);
  t.equal((await ask('POST', '/sessions/v1?op=create')).status, 405);
});

await t.test('znodes are made, read, set, listed and deleted, and every client sees it', async (t) => {
  const { ask, client, url } = await start(t);
  const made = await ask('POST', '/znodes/v1/?op=create&name=a%20%C3%A4', { body: 'one' });
  const uri = `${url}/znodes/v1/a%20%C3%A4`;
  t.match(made, { status: 201, json: { path: '/a ä', uri } });
  t.equal(made.headers.get('location'), uri);
  t.same(Buffer.from((await client.getData('/a ä')).data ?? '').toString(), 'one');

  const { stat } = await client.getData('/a ä');
  const { czxid, mzxid, ctime, mtime, pzxid } = stat;
  const read = { path: '/a ä', uri, czxid, mzxid, ctime, mtime, version: 0, cversion: 0, aversion: 0 };
  const rest = { ephemeralOwner: 0, dataLength: 3, numChildren: 0, pzxid };
  t.same((await ask('GET', '/znodes/v1/a%20%C3%A4')).json, { ...read, data64: 'b25l', ...rest });
  t.match((await ask('GET', '/znodes/v1/a%20%C3%A4?dataformat=utf8')).json, { dataUtf8: 'one' });
  t.match(await ask('GET', '/znodes/v1/a%20%C3%A4', { headers: { Accept: OCTETS['Content-Type'] } }), {
    status: 200,
    text: 'one',
  });

  const set = await ask('PUT', '/znodes/v1/a%20%C3%A4?version=0', { body: new Uint8Array([0, 255]) });
  t.match(set, { status: 200, json: { version: 1, dataLength: 2 } });
  t.notOk('data64' in set.json);
  t.same((await client.getData('/a ä')).data, new Uint8Array([0, 255]));
  t.match(await ask('PUT', '/znodes/v1/a%20%C3%A4?null=true', { body: 'x' }), { status: 200 });
  t.equal((await client.getData('/a ä')).data, null);
  t.notOk('data64' in (await ask('GET', '/znodes/v1/a%20%C3%A4')).json);

  for (const name of ['x-', 'x-'])
    t.equal((await ask('POST', `/znodes/v1/a%20%C3%A4?op=create&name=${name}&sequence=true`)).status, 201);
  const children = await ask('GET', '/znodes/v1/a%20%C3%A4?view=children');
  t.match(children.json, { path: '/a ä', uri, child_uri_template: `${uri}/{child}` });
  t.same(children.json.children?.sort(), ['x-0000000000', 'x-0000000001']);
  t.match((await ask('GET', '/znodes/v1/?view=children')).json, {
    child_uri_template: `${url}/znodes/v1/{child}`,
  });

  t.match(await ask('HEAD', '/znodes/v1/a%20%C3%A4'), { status: 200, text: '' });
  t.match(await ask('HEAD', '/znodes/v1/a%20%C3%A4', { headers: { Accept: OCTETS['Content-Type'] } }), {
    status: 204,
  });
  t.match(await ask('DELETE', '/znodes/v1/a%20%C3%A4/x-0000000001'), { status: 204, text: '' });
  t.equal(await client.exists('/a ä/x-0000000001'), null);
});

await t.test('the codes of SPEC.txt', async (t) => {
  const { ask, url } = await start(t);
  t.equal((await ask('POST', '/znodes/v1?op=create&name=a', { body: '' })).status, 201);
  t.equal((await ask('POST', '/znodes/v1/a?op=create&name=b')).status, 201);
  const cases: readonly (readonly [number, string, string, Asked?])[] = [
    [400, 'PUT', '/znodes/v1/a?version=x'],
    [400, 'PUT', '/znodes/v1/a?version=4294967296'],
    [400, 'DELETE', '/znodes/v1/a/b?version='],
    [400, 'POST', '/znodes/v1/a?op=update&name=c'],
    [400, 'POST', '/znodes/v1/a?op=create'],
    [400, 'POST', '/znodes/v1/a?op=create&name=..'],
    [400, 'POST', '/znodes/v1/a?op=create&name=c&ephemeral=true'],
    [400, 'GET', '/znodes/v1/a?view=stat'],
    [400, 'GET', '/znodes/v1/a?dataformat=hex'],
    [400, 'GET', '/znodes/v1/%ff'],
    [404, 'GET', '/znodes/v1/a/'],
    [404, 'GET', '/znodes/v1/a%00'],
    [404, 'GET', '/znodes/v1/none'],
    [404, 'HEAD', '/znodes/v1/none'],
    [404, 'PUT', '/znodes/v1/none'],
    [404, 'DELETE', '/znodes/v1/none'],
    [404, 'GET', '/znodes/v10/a'],
    [406, 'GET', '/znodes/v1/a', { headers: { Accept: 'application/xml' } }],
    [409, 'POST', '/znodes/v1/none?op=create&name=c'],
    [409, 'POST', '/znodes/v1/?op=create&name=a'],
    [409, 'DELETE', '/znodes/v1/a'],
    [412, 'PUT', '/znodes/v1/a?version=7'],
    [412, 'DELETE', '/znodes/v1/a/b?version=7'],
    [415, 'PUT', '/znodes/v1/a', { body: '{}', headers: { 'Content-Type': 'application/json' } }],
    [501, 'PATCH', '/znodes/v1/a'],
    [501, 'GET', '/sessions/v1/x'],
    [401, 'GET', '/znodes/v1/a?session=no-such'],
    [404, 'PUT', '/sessions/v1/no-such'],
    [400, 'POST', '/sessions/v1?op=create&expire=soon'],
    [413, 'PUT', '/znodes/v1/a', { body: 'x'.repeat(1_048_570) }],
    [413, 'PUT', '/znodes/v1/a', { body: 'x'.repeat(2_000_000) }],
    [200, 'GET', '/znodes/v1/a'],
  ];
  for (const [status, method, path, more] of cases)
    t.match(await ask(method, path, more), { status }, `${method} ${path}`);
  const pieces = Readable.toWeb(Readable.from(Array.from({ length: 20 }, () => new Uint8Array(1 << 16))));
  const init = { method: 'PUT', body: pieces, duplex: 'half' } as RequestInit;
  t.match(await fetch(`${url}/znodes/v1/a`, init), { status: 413 }, 'of a length that is not told');
  t.same((await ask('GET', '/znodes/v1/none')).json, {
    request: 'GET /znodes/v1/none',
    message: 'not found',
  });
});

await t.test('ACLs count: by the credentials, and by the address that the request comes from', async (t) => {
  const { ask, client } = await start(t);
  const mine = [{ perms: 31, scheme: 'digest', id: digestOf('ann:pass:word') }];
  await client.create('/mine', Buffer.from('secret'), { acl: mine });
  await client.create('/near', null, { acl: [{ perms: 1, scheme: 'ip', id: '127.0.0.1' }] });
  await client.create('/far', null, { acl: [{ perms: 1, scheme: 'ip', id: '10.0.0.1' }] });

  const refused = await ask('GET', '/znodes/v1/mine');
  t.match(refused, { status: 401, json: { message: 'not authorized' } });
  t.match(refused.headers.get('www-authenticate'), 'Basic');
  t.notMatch(refused.text, Buffer.from('secret').toString('base64'));
  t.match(await ask('GET', '/znodes/v1/mine', { headers: basic('ann:pass:word') }), { status: 200 });
  t.match(await ask('GET', '/znodes/v1/mine', { headers: basic('ann:wrong') }), { status: 401 });
  t.match(await ask('GET', '/znodes/v1/mine'), { status: 401 }, 'nobody is who somebody else was before');
  t.match(await ask('DELETE', '/znodes/v1/mine', { headers: { Authorization: 'Bearer x' } }), {
    status: 401,
  });
  t.match(await ask('GET', '/znodes/v1/near'), { status: 200 });
  t.match(await ask('GET', '/znodes/v1/far', { headers: { 'X-Forwarded-For': '10.0.0.1' } }), {
    status: 401,
  });
});

await t.test('where digests are not accepted, nobody is let in by one', async (t) => {
  const { ask } = await start(t, [
    'stampede.rest.enabled=true',
    'DigestAuthenticationProvider.enabled=false',
  ]);
  t.match(await ask('GET', '/znodes/v1/', { headers: basic('ann:x') }), { status: 401 });
  t.match(await ask('GET', '/znodes/v1/', { headers: basic('ann:x') }), { status: 401 });
  t.match(await ask('GET', '/znodes/v1/'), { status: 200 });
});

await t.test('a session holds ephemeral znodes until it is ended', async (t) => {
  const { ask, client, url } = await start(t);
  const { status, json } = await ask('POST', '/sessions/v1?op=create&expire=60');
  t.equal(status, 201);
  t.match(json, { id: /^[\da-f-]{36}$/, uri: `${url}/sessions/v1/${json.id}` });
  const create = `/znodes/v1/?op=create&name=e&ephemeral=true&session=${json.id}`;
  t.match(await ask('POST', create, { headers: basic('ann:x') }), { status: 401 }, 'it is nobody else’s');
  t.match(await ask('DELETE', `/sessions/v1/${json.id}`, { headers: basic('ann:x') }), { status: 404 });
  t.match(await ask('POST', create), { status: 201 });
  t.ok(((await client.exists('/e'))?.ephemeralOwner ?? 0n) !== 0n);
  t.match(await ask('PUT', `/sessions/v1/${json.id}`), { status: 200 });
  t.match(await ask('DELETE', `/sessions/v1/${json.id}`), { status: 204 });
  t.equal(await client.exists('/e'), null);
  t.match(await ask('GET', `/znodes/v1/?session=${json.id}`), { status: 401 });
});

await t.test('a session that nobody keeps alive ends after its time, however often it is used', async (t) => {
  const { ask, client } = await start(t);
  const { json } = await ask('POST', '/sessions/v1/?op=create&expire=1');
  t.match(await ask('POST', `/znodes/v1?op=create&name=e&ephemeral=true&session=${json.id}`), {
    status: 201,
  });
  const gone = new Promise((resolve) => void client.exists('/e', resolve));
  t.match(await ask('GET', `/znodes/v1/e?session=${json.id}`), { status: 200 });
  t.match(await gone, { type: 2 });
});

await t.test('a session outlives the timeout of the server’s own, as long as it is meant to', async (t) => {
  // At a tickTime of 100 the server would end it after 2 s of silence.
  const { ask, client } = await start(t);
  const { json } = await ask('POST', '/sessions/v1/?op=create&expire=60');
  await ask('POST', `/znodes/v1?op=create&name=e&ephemeral=true&session=${json.id}`);
  const short = await ask('POST', '/sessions/v1/?op=create&expire=3');
  await ask('POST', `/znodes/v1?op=create&name=later&ephemeral=true&session=${short.json.id}`);
  await new Promise((resolve) => void client.exists('/later', resolve));
  t.not(await client.exists('/e'), null);
});

await t.test('no page of another site reaches znodes through a browser', async (t) => {
  const { ask, url, client } = await start(t);
  const create = '/znodes/v1/?op=create&name=x';
  t.match(await ask('POST', create, { headers: { Origin: 'https://evil.example' } }), { status: 403 });
  t.match(await ask('POST', create, { headers: { Origin: 'null' } }), { status: 403 });
  t.equal(await client.exists('/x'), null);
  t.match(await ask('POST', create, { headers: { Origin: url } }), { status: 201 });
});
