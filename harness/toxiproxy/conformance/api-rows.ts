import assert from 'node:assert/strict';
import { Toxiproxy } from 'toxiproxy-node-client';
import type { Row, World } from './world.ts';

/** Status, content type and body of an answer; of a body, `<v4>` and `<v6>` are addresses and `<…>` is anything. */
type Expected = readonly [status: number, type: string | null, body: string];

interface Step {
  readonly call: readonly [method: string, path: string, body?: string];
  readonly headers?: Readonly<Record<string, string>>;
  readonly expected: Expected;
}

const JSON_TYPE = 'application/json';
const TEXT = 'text/plain; charset=utf-8';
const NONE: Expected = [204, null, ''];

/** A step: `POST /proxies {…}` and what is to come back. */
function step(request: string, status: number, type: string | null, body: string): Step {
  const [, method = '', path = '', content] = /^(\S+) (\S+)(?: ([^]*))?$/.exec(request) ?? [];
  return {
    call: content === undefined ? [method, path] : [method, path, content],
    expected: [status, type, body],
  };
}

const ok = (request: string, body: string): Step => step(request, 200, JSON_TYPE, body);
const created = (request: string, body: string): Step => step(request, 201, JSON_TYPE, body);
const gone = (request: string): Step => step(request, ...NONE);
const refused = (request: string, status: number, error: string): Step =>
  step(request, status, TEXT, `{"error":"${error}","status":${status}}\n`);

const UPSTREAM = '"upstream":"127.0.0.1:1"';
const off = (name: string, toxics = ''): string =>
  `{"name":"${name}","listen":"",${UPSTREAM},"enabled":false,"Logger":{},"toxics":[${toxics}]}`;
const on = (name: string, listen = '<v4>', toxics = ''): string =>
  `{"name":"${name}","listen":"${listen}",${UPSTREAM},"enabled":true,"Logger":{},"toxics":[${toxics}]}`;
const CREATE_OFF = `POST /proxies {"name":"a",${UPSTREAM},"enabled":false}`;
const CREATE_ON = `POST /proxies {"name":"a",${UPSTREAM},"listen":"127.0.0.1:0"}`;
const LATENCY =
  '{"attributes":{"latency":5,"jitter":0},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}';

/** Calls in a row, and their answers, byte for byte. */
const CALLS: readonly (readonly [claim: string, ...steps: readonly Step[]])[] = [
  [
    'GET /proxies names every proxy',
    ok('GET /proxies', '{}'),
    created(CREATE_OFF, off('a')),
    ok('GET /proxies', `{"a":${off('a')}}`),
  ],
  ['POST /proxies answers with the real port', created(CREATE_ON, on('a'))],
  [
    'a host that is a name is resolved',
    created(`POST /proxies {"name":"a",${UPSTREAM},"listen":"localhost:0"}`, on('a')),
  ],
  [
    'without an address a proxy listens on any port of every address',
    created(`POST /proxies {"name":"a",${UPSTREAM}}`, on('a', '<v6>')),
  ],
  ['a proxy that is not enabled does not listen', created(CREATE_OFF, off('a'))],
  ['a proxy needs a name', refused('POST /proxies {"upstream":"u:1"}', 400, 'missing required field: name')],
  [
    'a proxy needs an upstream',
    refused('POST /proxies {"name":"a"}', 400, 'missing required field: upstream'),
  ],
  ['null is no proxy', refused('POST /proxies null', 400, 'missing required field: name')],
  ['a name is given once', created(CREATE_OFF, off('a')), refused(CREATE_OFF, 409, 'proxy already exists')],
  [
    'an address without a port is refused',
    refused(
      'POST /proxies {"name":"a","upstream":"u:1","listen":"127.0.0.1"}',
      500,
      'listen tcp: address 127.0.0.1: missing port in address',
    ),
    refused('GET /proxies/a', 404, 'proxy not found'),
  ],
  ['a body must be there', refused('POST /proxies ', 400, 'bad request body: EOF')],
  ['a body must be whole', refused('POST /proxies {"name":"a"', 400, 'bad request body: unexpected EOF')],
  [
    'a body must be JSON',
    refused(
      'POST /proxies xyz',
      400,
      "bad request body: invalid character 'x' looking for beginning of value",
    ),
  ],
  [
    'a body must be an object',
    refused(
      'POST /proxies []',
      400,
      'bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy',
    ),
  ],
  [
    'a name must be text',
    refused(
      'POST /proxies {"name":1}',
      400,
      'bad request body: json: cannot unmarshal number into Go struct field Proxy.name of type string',
    ),
  ],
  [
    'keys match in any case, unknown ones are ignored, and so is what follows the first value',
    created(`POST /proxies {"NAME":"a",${UPSTREAM},"Enabled":false,"other":1} {"name":"b"}`, off('a')),
  ],
  [
    'what means something in HTML is escaped',
    created(`POST /proxies {"name":"<&>",${UPSTREAM},"enabled":false}`, off('\\u003c\\u0026\\u003e')),
  ],
  [
    'POST /populate creates what is not there',
    created(
      `POST /populate [{"name":"a",${UPSTREAM},"enabled":false},{"name":"b",${UPSTREAM},"listen":"127.0.0.1:0"}]`,
      `{"proxies":[${off('a')},${on('b')}]}`,
    ),
  ],
  [
    'POST /populate takes a list',
    step(
      'POST /populate {}',
      400,
      JSON_TYPE,
      '{"error":"bad request body: json: cannot unmarshal object into Go value of type <…>","status":400,"proxies":null}',
    ),
  ],
  [
    'POST /populate looks at every name and upstream before it creates anything',
    step(
      `POST /populate [{"name":"a",${UPSTREAM}},{"upstream":"u:1"}]`,
      400,
      JSON_TYPE,
      '{"error":"missing required field: name at proxy 2","status":400,"proxies":null}',
    ),
    step(
      `POST /populate [{"name":"a"}]`,
      400,
      JSON_TYPE,
      '{"error":"missing required field: upstream at proxy 1","status":400,"proxies":null}',
    ),
    ok('GET /proxies', '{}'),
  ],
  [
    'POST /populate that fails on the way tells of the proxies until then',
    step(
      `POST /populate [{"name":"a",${UPSTREAM},"enabled":false},{"name":"b",${UPSTREAM},"listen":"127.0.0.1"},{"name":"c",${UPSTREAM}}]`,
      500,
      JSON_TYPE,
      `{"error":"listen tcp: address 127.0.0.1: missing port in address","status":500,"proxies":[${off('a')}]}`,
    ),
    ok('GET /proxies', `{"a":${off('a')}}`),
  ],
  [
    'GET /proxies/{proxy} shows one',
    created(CREATE_OFF, off('a')),
    ok('GET /proxies/a', off('a')),
    refused('GET /proxies/b', 404, 'proxy not found'),
  ],
  [
    'a name of a path is decoded',
    refused('GET /proxies/b%20c', 404, 'proxy not found'),
    step('GET /proxies/b%2Fc', 404, TEXT, '404 page not found\n'),
  ],
  [
    'PATCH and POST /proxies/{proxy} change what they name, and never the name',
    created(CREATE_OFF, off('a')),
    ok('POST /proxies/a {}', off('a')),
    ok('PATCH /proxies/a {"listen":"127.0.0.1:0","enabled":true,"name":"b"}', on('a')),
    ok('POST /proxies/a {"upstream":"127.0.0.1:2"}', on('a').replace('.1:1"', '.1:2"')),
    ok('POST /proxies/a {"enabled":false}', on('a').replace('.1:1"', '.1:2"').replace('true', 'false')),
    refused('POST /proxies/a ', 400, 'bad request body: EOF'),
    refused('POST /proxies/b {}', 404, 'proxy not found'),
  ],
  [
    'a proxy that cannot listen where it is told is disabled',
    created(CREATE_ON, on('a')),
    refused(
      'POST /proxies/a {"listen":"203.0.113.1:0"}',
      500,
      'listen tcp 203.0.113.1:0: bind: cannot assign requested address',
    ),
    ok('GET /proxies/a', on('a', '203.0.113.1:0').replace('true', 'false')),
  ],
  [
    'DELETE /proxies/{proxy}',
    created(CREATE_ON, on('a')),
    gone('DELETE /proxies/a'),
    refused('DELETE /proxies/a', 404, 'proxy not found'),
  ],
  [
    'POST /proxies/{proxy}/toxics answers 200, and has defaults for everything but the type',
    created(CREATE_OFF, off('a')),
    ok('POST /proxies/a/toxics {"type":"latency","attributes":{"latency":5}}', LATENCY),
    ok('GET /proxies/a', off('a', LATENCY)),
  ],
  [
    'the direction may be written in any case, and is shown as it was written',
    created(CREATE_OFF, off('a')),
    ok(
      'POST /proxies/a/toxics {"type":"timeout","stream":"UpStream","toxicity":0.1}',
      '{"attributes":{"timeout":0},"name":"timeout_UpStream","type":"timeout","stream":"UpStream","toxicity":0.1}',
    ),
  ],
  [
    'names of toxics are given once, whatever the direction',
    created(CREATE_OFF, off('a')),
    ok(
      'POST /proxies/a/toxics {"type":"noop","name":"x"}',
      '{"attributes":{},"name":"x","type":"noop","stream":"downstream","toxicity":1}',
    ),
    refused(
      'POST /proxies/a/toxics {"type":"latency","name":"x","stream":"upstream"}',
      409,
      'toxic already exists',
    ),
  ],
  [
    'a toxic needs a direction and a type that there are',
    created(CREATE_OFF, off('a')),
    refused(
      'POST /proxies/a/toxics {"type":"latency","stream":"sideways"}',
      400,
      'stream was invalid, can be either upstream or downstream',
    ),
    refused('POST /proxies/a/toxics {"type":"nope"}', 400, 'invalid toxic type'),
    refused('POST /proxies/a/toxics {}', 400, 'invalid toxic type'),
    refused('POST /proxies/a/toxics {"type":"down"}', 400, 'invalid toxic type'),
    refused('POST /proxies/a/toxics {"type":"black_hole"}', 400, 'invalid toxic type'),
    refused('POST /proxies/a/toxics ', 400, 'bad request body: EOF'),
    refused('POST /proxies/b/toxics {"type":"noop"}', 404, 'proxy not found'),
  ],
  [
    'attributes are whole numbers',
    created(CREATE_OFF, off('a')),
    refused(
      'POST /proxies/a/toxics {"type":"latency","attributes":{"latency":1.5}}',
      400,
      'bad request body: json: cannot unmarshal number 1.5 into Go struct field LatencyToxic.attributes.latency of type int64',
    ),
    refused(
      'POST /proxies/a/toxics {"type":"latency","attributes":{"latency":"5"}}',
      400,
      'bad request body: json: cannot unmarshal string into Go struct field LatencyToxic.attributes.latency of type int64',
    ),
    refused(
      'POST /proxies/a/toxics {"type":"latency","attributes":5}',
      400,
      'bad request body: json: cannot unmarshal number into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic',
    ),
  ],
  [
    'every type has its attributes, which are 0 unless told',
    created(CREATE_OFF, off('a')),
    ...(
      [
        ['latency', '"latency":0,"jitter":0'],
        ['bandwidth', '"rate":0'],
        ['slow_close', '"delay":0'],
        ['timeout', '"timeout":0'],
        ['reset_peer', '"timeout":0'],
        ['slicer', '"average_size":0,"size_variation":0,"delay":0'],
        ['limit_data', '"bytes":0'],
        ['noop', ''],
      ] as const
    ).map(([type, attributes]) =>
      ok(
        `POST /proxies/a/toxics {"type":"${type}"}`,
        `{"attributes":{${attributes}},"name":"${type}_downstream","type":"${type}","stream":"downstream","toxicity":1}`,
      ),
    ),
  ],
  [
    'GET …/toxics lists those upstream first, each direction in the order of its chain',
    created(CREATE_OFF, off('a')),
    ok('GET /proxies/a/toxics', '[]'),
    ...['d1 downstream', 'u1 upstream', 'd2 downstream', 'u2 upstream'].map((named) => {
      const [name = '', stream = ''] = named.split(' ');
      return ok(
        `POST /proxies/a/toxics {"type":"noop","name":"${name}","stream":"${stream}"}`,
        noop(name, stream),
      );
    }),
    ok(
      'GET /proxies/a/toxics',
      `[${noop('u1', 'upstream')},${noop('u2', 'upstream')},${noop('d1', 'downstream')},${noop('d2', 'downstream')}]`,
    ),
    refused('GET /proxies/b/toxics', 404, 'proxy not found'),
  ],
  [
    'GET, PATCH and POST …/toxics/{toxic}: attributes are merged, and name, type and direction stay',
    created(CREATE_OFF, off('a')),
    ok('POST /proxies/a/toxics {"type":"latency","attributes":{"latency":5}}', LATENCY),
    ok('GET /proxies/a/toxics/latency_downstream', LATENCY),
    ok(
      'PATCH /proxies/a/toxics/latency_downstream {"attributes":{"jitter":3},"toxicity":0.3,"name":"q","type":"noop","stream":"upstream"}',
      LATENCY.replace('"jitter":0', '"jitter":3').replace('"toxicity":1', '"toxicity":0.3'),
    ),
    ok(
      'POST /proxies/a/toxics/latency_downstream {"attributes":{"latency":7}}',
      LATENCY.replace('5', '7').replace('"jitter":0', '"jitter":3').replace('"toxicity":1', '"toxicity":0.3'),
    ),
    refused('GET /proxies/a/toxics/x', 404, 'toxic not found'),
    refused('POST /proxies/a/toxics/x {}', 404, 'toxic not found'),
    refused('POST /proxies/a/toxics/latency_downstream ', 400, 'bad request body: EOF'),
    refused('GET /proxies/b/toxics/x', 404, 'proxy not found'),
  ],
  [
    'DELETE …/toxics/{toxic}',
    created(CREATE_OFF, off('a')),
    ok('POST /proxies/a/toxics {"type":"latency","attributes":{"latency":5}}', LATENCY),
    gone('DELETE /proxies/a/toxics/latency_downstream'),
    refused('DELETE /proxies/a/toxics/latency_downstream', 404, 'toxic not found'),
    ok('GET /proxies/a/toxics', '[]'),
  ],
  [
    'POST /reset enables every proxy and removes every toxic',
    created(CREATE_OFF, off('a')),
    ok('POST /proxies/a {"listen":"127.0.0.1:0"}', off('a').replace('""', '"127.0.0.1:0"')),
    ok('POST /proxies/a/toxics {"type":"latency","attributes":{"latency":5}}', LATENCY),
    gone('POST /reset'),
    ok('GET /proxies/a', on('a')),
  ],
  ['GET /version', step('GET /version', 200, 'application/json;charset=utf-8', '{"version": "<…>"}\n')],
  [
    'there are no metrics unless they are asked for at the start',
    step('GET /metrics', 404, TEXT, '404 page not found\n'),
    step('POST /metrics', 404, TEXT, '404 page not found\n'),
  ],
  [
    'what is nowhere is not found',
    step('GET /nowhere', 404, TEXT, '404 page not found\n'),
    step('GET /proxies/', 404, TEXT, '404 page not found\n'),
  ],
  [
    'other methods are not allowed',
    step('PUT /proxies', 405, null, ''),
    step('GET /reset', 405, null, ''),
    step('DELETE /version', 405, null, ''),
  ],
  [
    'browsers are kept out',
    {
      call: ['GET', '/version'],
      headers: { 'user-agent': 'Mozilla/5.0' },
      expected: [403, TEXT, 'User agent not allowed\n'],
    },
    {
      call: ['GET', '/version'],
      headers: { 'user-agent': 'x Mozilla/5.0' },
      expected: [200, 'application/json;charset=utf-8', '{"version": "<…>"}\n'],
    },
  ],
  [
    'a path with two slashes leads to the one with one',
    { call: ['GET', '//proxies'], expected: [301, null, '<…>'] },
  ],
];

function noop(name: string, stream: string): string {
  return `{"attributes":{},"name":"${name}","type":"noop","stream":"${stream}","toxicity":1}`;
}

export const API_ROWS: readonly Row[] = [
  ...CALLS.map(([claim, ...steps]): Row => ({ claim, run: (world) => runSteps(world, steps) })),
  {
    claim: 'an address that is taken is refused in the words of the system',
    run: async ({ url, listen }) => {
      const body = `{"name":"a","upstream":"u:1","listen":"${listen}"}`;
      const error = `listen tcp ${listen}: bind: address already in use`;
      await check(url, refused(`POST /proxies ${body}`, 500, error));
    },
  },
  {
    claim:
      'POST /populate leaves alone what listens and leads where it should, enabled or not, with its toxics',
    run: async ({ url, listen, upstream, toxiproxy }) => {
      await toxiproxy.addToxic('p', { type: 'noop' });
      const body = JSON.stringify([{ name: 'p', listen, upstream: upstream.address, enabled: false }]);
      await check(
        url,
        created(
          `POST /populate ${body}`,
          '{"proxies":[{"name":"p",<…>"enabled":true,<…>"noop_downstream"<…>',
        ),
      );
    },
  },
  {
    claim: 'POST /populate replaces what leads elsewhere, and its toxics are gone',
    run: async ({ url, listen, toxiproxy }) => {
      await toxiproxy.addToxic('p', { type: 'noop' });
      const body = JSON.stringify([{ name: 'p', listen, upstream: '127.0.0.1:1' }]);
      await check(url, created(`POST /populate ${body}`, `{"proxies":[${on('p', listen)}]}`));
    },
  },
  {
    claim: 'every answer of a handler has an id of its own, and what has no handler has none',
    run: async ({ url }) => {
      const ids = [];
      for (const path of ['/version', '/proxies/none', '/nowhere']) {
        const response = await fetch(url + path);
        await response.text();
        ids.push(response.headers.get('x-toxiproxy-request-id'));
      }
      assert.match(ids[0] ?? '', /^[0-9a-v]{20}$/);
      assert.match(ids[1] ?? '', /^[0-9a-v]{20}$/);
      assert.notEqual(ids[0], ids[1]);
      assert.equal(ids[2], null);
    },
  },
  {
    claim: 'POST /populate answers null to an empty list',
    run: ({ url }) => check(url, created('POST /populate []', '{"proxies":null}')),
  },
  {
    claim: 'packet_loss is there',
    differs: 'it came after 2.12.0; ours has it in stock mode, too, since the next release will',
    run: async ({ url, kind }) => {
      const call = 'POST /proxies/p/toxics {"type":"packet_loss"}';
      if (kind === 'real') await check(url, refused(call, 400, 'invalid toxic type'));
      else {
        const attributes = '"loss_rate":0.1,"correlation":0';
        await check(url, ok(call, `{"attributes":{${attributes}},"name":"packet_loss_downstream",<…>`));
      }
    },
  },
  { claim: 'the package toxiproxy-node-client works with it as it is', run: usePackage },
];

async function runSteps({ url, toxiproxy }: World, steps: readonly Step[]): Promise<void> {
  await toxiproxy.remove('p');
  for (const one of steps) await check(url, one);
}

async function check(url: string, { call, headers = {}, expected }: Step): Promise<void> {
  const [method, path, body = null] = call;
  const response = await fetch(url + path, { method, body, headers, redirect: 'manual' });
  const text = await response.text();
  const [status, type, wanted] = expected;
  const said = `${call.join(' ')} → ${response.status} ${text}`;
  assert.equal(response.status, status, said);
  // Node's fetch has none for 204, and for an empty answer it does not matter.
  if (type !== null) assert.equal(response.headers.get('content-type'), type, said);
  assert.match(text, patternOf(wanted), said);
}

function patternOf(text: string): RegExp {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const pattern = escaped
    .replaceAll('<v4>', '127\\.0\\.0\\.1:[1-9]\\d*')
    .replaceAll('<v6>', '\\[::\\]:[1-9]\\d*')
    .replaceAll('<…>', '[^]*');
  return new RegExp(`^${pattern}$`);
}

/** Every call of the package, unmodified. */
async function usePackage({ url, upstream }: World): Promise<void> {
  const toxiproxy = new Toxiproxy(url);
  assert.match(await toxiproxy.getVersion(), /^\{"version": ".+"\}\n$/);
  const proxy = await toxiproxy.createProxy({ name: 'q', listen: '127.0.0.1:0', upstream: upstream.address });
  assert.match(proxy.listen, /^127\.0\.0\.1:\d+$/);
  const disabled = await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
  assert.equal(disabled.enabled, false);
  const body = { type: 'latency', name: 'slow', stream: 'upstream', toxicity: 0.5 } as const;
  const toxic = await proxy.addToxic({ ...body, attributes: { latency: 5, jitter: 1 } });
  assert.deepEqual((await proxy.getToxic('slow')).toJson(), toxic.toJson());
  const changed = await toxic.update({ ...body, toxicity: 1, attributes: { latency: 6, jitter: 1 } });
  assert.deepEqual([changed.toxicity, changed.attributes], [1, { latency: 6, jitter: 1 }]);
  await toxic.remove();
  assert.deepEqual(Object.keys(await toxiproxy.getAll()), ['p', 'q']);
  const populated = await toxiproxy.populate([{ name: 'r', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }]);
  assert.deepEqual(Object.keys(populated), ['r']);
  await toxiproxy.reset();
  assert.equal((await toxiproxy.get('q')).enabled, true);
  await proxy.remove();
  await assert.rejects(toxiproxy.get('q'), { message: 'Request failed with status code 404' });
}
