import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { startLogged } from '../testing/logged-server.ts';
import { ADMIN_COMMAND_NAMES } from './admin-commands.ts';

/** By which a proxy says, or anybody, for whom it asks. */
const SPOOFED = [
  'X-Forwarded-For: 127.0.0.1',
  'X-Forwarded-For: 10.0.0.1, 127.0.0.1',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Proto: https',
  'Forwarded: for=127.0.0.1;host=localhost',
  'X-Real-IP: 127.0.0.1',
  'X-Client-IP: 127.0.0.1',
  'True-Client-IP: 127.0.0.1',
  'CF-Connecting-IP: 127.0.0.1',
  'Via: 1.1 localhost',
  'X-Original-URL: /commands/stats',
  'X-Rewrite-URL: /commands/stats',
  'X-HTTP-Method-Override: DELETE',
] as const;

/** Lines of requests that ask for something that is not there, or in a way in which nobody should. */
const ROGUE: readonly (readonly [head: string, status: RegExp])[] = [
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].map(
    (method) => [`${method} /commands/stats HTTP/1.1`, /^HTTP\/1\.1 405 /] as const,
  ),
  ['CONNECT localhost:22 HTTP/1.1', /^(HTTP\/1\.1 4\d\d |$)/],
  ['GET /commands/../../../etc/passwd HTTP/1.1', /^HTTP\/1\.1 404 /],
  ['GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1', /^HTTP\/1\.1 404 /],
  ['GET /commands/stats%00 HTTP/1.1', /Unknown command/],
  ['GET /commands/snapshot HTTP/1.1', /^HTTP\/1\.1 (200 |40\d )/],
  ['GET /commands/restore HTTP/1.1', /^HTTP\/1\.1 (200 |40\d )/],
  ['POST /commands/snapshot?streaming=true HTTP/1.1', /^HTTP\/1\.1 40\d /],
  ['POST /commands/restore HTTP/1.1', /^HTTP\/1\.1 40\d /],
  ['GET http://evil.example/commands/stats HTTP/1.1', /^HTTP\/1\.1 (200|40\d) /],
  ['GET //evil.example/commands/stats HTTP/1.1', /^HTTP\/1\.1 (200|40\d) /],
  ['GET /commands/constructor HTTP/1.1', /Unknown command/],
  [`GET /${'a'.repeat(9000)} HTTP/1.1`, /^HTTP\/1\.1 4(31|14) /],
  ['GET /commands/stats HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5', /^HTTP\/1\.1 400 /],
  ['GET /commands/stats HTTP/1.1\r\nHost: localhost\r\nA b: c', /^HTTP\/1\.1 400 /],
  ['ruok', /^(HTTP\/1\.1 400 |$)/],
];

async function say(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const host = /\nHost:/.test(head) ? '' : 'Host: localhost\r\n';
  socket.write(`${head}\r\n${host}Connection: close\r\n\r\n`);
  return await text(socket);
}

function withoutWhatPasses(answer: string): string {
  return answer.replaceAll(/^Date: .*\r\n|^[\da-f]+\r\n|"[a-z_.]+" : "?\d[\w.]*"?,?/gm, '');
}

await t.test('whoever a request says it is from, it is answered as any other', async (t) => {
  const { server, urlOf } = await startLogged(t.testdir({}), [
    'admin.enableServer=true',
    'admin.serverPort=0',
  ]);
  t.teardown(() => server.stop());
  const url = urlOf('AdminServer');
  for (const name of ADMIN_COMMAND_NAMES) {
    const ask = `GET /commands/${name} HTTP/1.1`;
    const plain = withoutWhatPasses(await say(url, ask));
    const spoofed = withoutWhatPasses(await say(url, [ask, ...SPOOFED].join('\r\n')));
    t.match(plain, /^HTTP\/1\.1 200 /);
    t.equal(spoofed, plain, name);
  }
  for (const header of SPOOFED) {
    const answer = await say(url, `GET /commands/ruok HTTP/1.1\r\nHost: evil.example\r\n${header}`);
    t.match(answer, /^HTTP\/1\.1 403 /, `${header}: opens nothing either`);
  }
});

await t.test('requests that nobody should send are refused and change nothing', async (t) => {
  const { server, log, urlOf } = await startLogged(t.testdir({}), [
    'admin.enableServer=true',
    'admin.serverPort=0',
  ]);
  t.teardown(() => server.stop());
  const url = urlOf('AdminServer');
  const client = await Client.connect({
    connectString: `127.0.0.1:${server.clientPort}`,
    sessionTimeoutMs: 10_000,
  });
  t.teardown(() => client.close());
  await client.create('/a', Buffer.from('x'), { flags: 1 });
  const known = async (): Promise<object> => {
    const [dump, overview] = await Promise.all(
      ['dump', 'overview'].map(async (name) => (await fetch(`${url}/commands/${name}`)).json()),
    );
    const { session_id_to_ephemeral_paths: ephemerals } = dump as Record<string, unknown>;
    return { ephemerals, overview };
  };
  const before = await known();
  for (const [head, expected] of ROGUE) t.match(await say(url, head), expected, head.slice(0, 60));
  t.same(await known(), before);
  t.same((await client.getData('/a')).data, Buffer.from('x'));
  t.notMatch(log.join(''), /ERROR|passwd/);
});
