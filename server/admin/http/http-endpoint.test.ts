import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { HttpEndpoint, type HttpAnswer, type HttpEndpointOptions } from './http-endpoint.ts';

const PLENTY = { capacity: 1000, fillCount: 1000, fillTimeMs: 1000 };

async function endpointFor(t: Test, options: Partial<HttpEndpointOptions> = {}): Promise<HttpEndpoint> {
  const endpoint = new HttpEndpoint({
    host: '127.0.0.1',
    port: 0,
    idleTimeoutMs: 5000,
    throttle: PLENTY,
    nowMs: () => 0,
    answer: ({ pathname }) => (pathname === '/there' ? textAnswer(['here']) : null),
    onError: (error) => t.fail(error.message),
    ...options,
  });
  await endpoint.listen();
  t.teardown(() => endpoint.close());
  return endpoint;
}

function textAnswer(body: Iterable<string>): HttpAnswer {
  return { status: 200, contentType: 'text/plain', body };
}

async function ask(
  { port }: HttpEndpoint,
  {
    path = '/there',
    method = 'GET',
    headers = {},
  }: { path?: string; method?: string; headers?: object } = {},
): Promise<{ status: number | undefined; body: string; allow: string | undefined }> {
  const asked = request({ host: '127.0.0.1', port, path, method, headers: { ...headers }, agent: false });
  asked.end(method === 'POST' ? 'x'.repeat(100_000) : undefined);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { status: response.statusCode, body, allow: response.headers.allow };
}

await t.test('what is there is answered, and nothing else', async (t) => {
  const endpoint = await endpointFor(t);
  t.match(await ask(endpoint), { status: 200, body: 'here' });
  t.match(await ask(endpoint, { method: 'HEAD' }), { status: 200, body: '' });
  t.match(await ask(endpoint, { path: '/' }), { status: 404 });
  t.match(await ask(endpoint, { path: '//' }), { status: 404 });
  t.match(await ask(endpoint, { path: '/there?a=%zz' }), { status: 200 });
});

await t.test('nothing is done by other methods', async (t) => {
  const endpoint = await endpointFor(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS'])
    t.match(await ask(endpoint, { method }), { status: 405, allow: 'GET, HEAD' }, method);
});

await t.test('who is on loopback goes by no name of others, and by no word of a proxy', async (t) => {
  const endpoint = await endpointFor(t);
  t.match(await ask(endpoint, { headers: { host: 'evil.example' } }), { status: 403 });
  t.match(await ask(endpoint, { headers: { host: 'localhost:8080' } }), { status: 200 });
  t.match(await ask(endpoint, { headers: { host: '[::1]:8080' } }), { status: 200 });
  t.match(await ask(endpoint, { headers: { 'sec-fetch-site': 'cross-site' } }), { status: 403 });
  t.match(await ask(endpoint, { headers: { 'x-forwarded-for': '10.0.0.1' } }), { status: 200, body: 'here' });
});

await t.test('so many requests a second are answered, and the others refused', async (t) => {
  let nowMs = 0;
  const throttle = { capacity: 2, fillCount: 1, fillTimeMs: 1000 };
  const endpoint = await endpointFor(t, { throttle, nowMs: () => nowMs });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await ask(endpoint)).status);
  t.same(statuses, [200, 200, 429]);
  nowMs = 1000;
  t.match(await ask(endpoint), { status: 200 });
});

await t.test('who does not read gets no more than fits, and is made no more for', async (t) => {
  const pieces = { made: 0 };
  const endless = function* (): Generator<string> {
    for (; pieces.made < 100_000; pieces.made++) yield 'x'.repeat(1 << 16);
  };
  const endpoint = await endpointFor(t, { answer: () => textAnswer(endless()) });
  const socket = connect(endpoint.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /there HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'connect');
  for (let before = -1; pieces.made !== before || before === 0;) {
    before = pieces.made;
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  t.ok(pieces.made < 1000, `${pieces.made} pieces of 64 KiB`);
  socket.destroy();
  t.match((await ask(endpoint, { method: 'HEAD' })).status, 200, 'and the others are answered');
});

await t.test('bytes that are no HTTP, and heads beyond 8 KiB, harm nobody else', async (t) => {
  const endpoint = await endpointFor(t);
  for (const bytes of ['\0\u0001garbage\r\n\r\n', `GET / HTTP/1.1\r\nA: ${'x'.repeat(9000)}\r\n\r\n`]) {
    const socket = connect(endpoint.port, '127.0.0.1', () => socket.write(bytes));
    socket.resume();
    await once(socket, 'close');
  }
  t.match(await ask(endpoint), { status: 200 });
});

await t.test('a port that is taken is an error for who listens', async (t) => {
  const { port } = await endpointFor(t);
  await t.rejects(endpointFor(t, { port }), { code: 'EADDRINUSE' });
});

await t.test('who asks and does not read is cut off, and nothing is kept for it', async (t) => {
  const body = new Readable({ read: () => void body.push(Buffer.alloc(1 << 16)) });
  const endpoint = await endpointFor(t, {
    idleTimeoutMs: 100,
    answer: () => ({ status: 200, contentType: 'text/plain', body }),
  });
  const socket = connect(endpoint.port, '127.0.0.1').pause();
  t.teardown(() => socket.destroy());
  socket.write('GET /there HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => body.once('close', resolve));
  t.ok(body.destroyed);
});

await t.test('a long body that does not go on breaks off', async (t) => {
  const path = join(t.testdir({}), 'body');
  const saved = await new Promise<unknown>((resolve, reject) => {
    endpointFor(t, {
      idleTimeoutMs: 100,
      resource: (request) => {
        const saving = request.saveTo(path, 100).catch((error: unknown) => error);
        return saving.then((error) => {
          resolve(error);
          return textAnswer([]);
        });
      },
    }).then(({ port }) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      t.teardown(() => socket.destroy());
      socket.write('POST /there HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello');
    }, reject);
  });
  t.match(saved, { message: 'the body breaks off' });
});

await t.test('who goes on sending what is too long has the answer, and is then cut off', async (t) => {
  const path = join(t.testdir({}), 'body');
  const { port } = await endpointFor(t, {
    idleTimeoutMs: 200,
    resource: (request) =>
      request.saveTo(path, 1 << 20).then(
        () => textAnswer(['saved']),
        (error: Error) => textAnswer([error.message]),
      ),
  });
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  t.teardown(() => socket.destroy());
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
  socket.write(`POST /there HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `10000\r\n${'x'.repeat(1 << 16)}\r\n`;
  const send = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', send);
  send();
  await new Promise((resolve) => socket.once('close', resolve));
  t.match(heard, 'the body is too long');
});

await t.test('an answer may take longer than that to come', async (t) => {
  const path = join(t.testdir({}), 'body');
  const endpoint = await endpointFor(t, {
    // Longer than this process may be kept from reading what it sends itself.
    idleTimeoutMs: 1000,
    resource: async (request) => {
      if (request.method === 'POST') await request.saveTo(path, 100_000);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return textAnswer(['here']);
    },
  });
  const answers = await Promise.all(['GET', 'POST'].map((method) => ask(endpoint, { method })));
  t.match(answers, [
    { status: 200, body: 'here' },
    { status: 200, body: 'here' },
  ]);
});
