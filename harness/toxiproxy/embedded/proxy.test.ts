import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { Prng } from '../../../server/base/prng.ts';
import { dialed, Upstream } from '../testing/peer.ts';
import { Registry } from './registry.ts';
import { proxied } from './testing/proxied.ts';

const BIG = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 11)) & 0xff));

await t.test('bytes pass both ways as they are, whatever their number', async (t) => {
  const { connect } = await proxied(t);
  const [client, server] = await connect();
  client.send(BIG);
  server.send(BIG.subarray(1));
  t.ok((await server.untilBytes(BIG.length)).equals(BIG));
  t.ok((await client.untilBytes(BIG.length - 1)).equals(BIG.subarray(1)));
});

await t.test(
  'toxics come, change and go under traffic, and every byte arrives once and in order',
  async (t) => {
    const { connect, add, remove, proxy } = await proxied(t);
    const [client, server] = await connect();
    const random = new Prng(3);
    const kinds = [
      ['latency', { latency: 3, jitter: 3 }],
      ['slicer', { average_size: 700, size_variation: 300, delay: 20 }],
      ['bandwidth', { rate: 20_000 }],
      ['black_hole', {}],
      ['loss', { rate: 0.01, rto: 2 }],
      ['slow_close', { delay: 5 }],
      ['noop', {}],
    ] as const;
    let sent = 0;
    for (let round = 0; sent < BIG.length; round++) {
      const end = sent + 1 + random.below(40_000);
      client.send(BIG.subarray(sent, end));
      sent = Math.min(end, BIG.length);
      const [type, attributes] = kinds[random.below(kinds.length)] as (typeof kinds)[number];
      if (proxy.toxics.length < 4) add(type, attributes, { name: `${type}-${round}`, stream: 'upstream' });
      else remove((proxy.toxics[random.below(4)] as { name: string }).name);
      for (const toxic of proxy.toxics) if (random.below(4) === 0) proxy.updateToxic(toxic);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    client.socket.end();
    for (const { name } of proxy.toxics) remove(name);
    await server.untilEvent('end');
    t.ok(server.received.equals(BIG));
  },
);

await t.test('who does not read holds up the sender, with or without toxics on the way', async (t) => {
  for (const toxics of [[], ['noop'], ['noop', 'latency', 'slicer']]) {
    const { connect, add } = await proxied(t);
    for (const type of toxics) add(type, { latency: 1, average_size: 10_000 }, { stream: 'upstream' });
    const [client, server] = await connect();
    server.socket.pause();
    const piece = Buffer.alloc(64 * 1024);
    let sentBytes = 0;
    // What the kernel's buffers and ours hold has an end: then no write is finished any more. It is tens of megabytes,
    // more where the machine has other things to do, and would be all of it if nobody were held up.
    for (let isWritten = true; isWritten && sentBytes < 512 * 1024 * 1024; sentBytes += piece.length) {
      isWritten = await writtenSoon(client.socket, piece);
    }
    t.ok(sentBytes < 256 * 1024 * 1024, `${toxics.join()}: ${sentBytes} bytes are on their way`);
    server.socket.resume();
    await server.untilBytes(sentBytes);
    t.equal(server.received.length, sentBytes);
  }
});

/** Whether it is with the kernel before the event loop has turned for 100 ms. */
async function writtenSoon(socket: Socket, data: Buffer): Promise<boolean> {
  const progress = { isWritten: false };
  socket.write(data, () => {
    progress.isWritten = true;
  });
  const startedMs = performance.now();
  while (!progress.isWritten && performance.now() - startedMs < 100) await turns(1);
  return progress.isWritten;
}

/** Of the event loop: enough for what happens at once. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

await t.test('who has said everything may still listen', async (t) => {
  const { connect } = await proxied(t);
  const [client, server] = await connect();
  client.send('question').socket.end();
  await server.untilEvent('end');
  t.equal(server.text, 'question');
  server.send('answer').socket.end();
  await client.untilEvent('end');
  t.equal(client.text, 'answer');
  await Promise.all([client.untilEvent('close'), server.untilEvent('close')]);
  t.same(
    [client.events, server.events],
    [
      ['end', 'close'],
      ['end', 'close'],
    ],
  );
});

await t.test('in stock mode the end of one direction is the end of both', async (t) => {
  const { connect } = await proxied(t, { isStock: true });
  const [client, server] = await connect();
  client.send('question').socket.end();
  await server.untilEvent('end');
  await client.untilEvent('end');
  t.equal(server.text, 'question');
});

await t.test('a reset arrives as a reset', async (t) => {
  const { connect } = await proxied(t);
  const [client, server] = await connect();
  client.socket.resetAndDestroy();
  await server.untilEvent('reset');
  const [otherClient, otherServer] = await connect();
  otherServer.socket.resetAndDestroy();
  await otherClient.untilEvent('reset');
  t.same(otherClient.events[0], 'reset');
});

await t.test('reset_peer resets connections that were there before it', async (t) => {
  for (const stream of ['upstream', 'downstream']) {
    const { connect, add } = await proxied(t);
    const [client, server] = await connect();
    add('reset_peer', { timeout: 0 }, { stream });
    if (stream === 'upstream') client.send('x');
    else server.send('x');
    await Promise.all([client.untilEvent('reset'), server.untilEvent('reset')]);
    t.same([client.text, server.text], ['', '']);
  }
});

await t.test('a black hole in one direction leaves the other alone, and heals without a loss', async (t) => {
  const { connect, add, remove } = await proxied(t);
  const [client, server] = await connect();
  add('black_hole', {}, { stream: 'upstream' });
  client.send('into the hole').socket.end();
  server.send('still heard');
  await client.untilBytes(11);
  t.same([server.text, server.events], ['', []]);
  remove('black_hole_upstream');
  await server.untilEvent('end');
  t.equal(server.text, 'into the hole');
});

await t.test('a client whose server is not there yet is connected when it is', async (t) => {
  const { proxy, upstream } = await proxied(t);
  const address = upstream.address;
  await upstream.close();
  const client = await dialed(t, proxy.listen);
  client.send('early ');
  await turns(100);
  t.same(client.events, []);
  const started = await Upstream.listen(t, Number(address.split(':')[1]));
  const server = await started.accepted();
  client.send('late');
  await server.untilBytes(10);
  server.send('answer');
  await client.untilBytes(6);
  t.same([server.text, client.text], ['early late', 'answer']);
});

await t.test('a client that leaves while it is kept is never connected', async (t) => {
  const { proxy, upstream } = await proxied(t);
  const address = upstream.address;
  await upstream.close();
  const gone = await dialed(t, proxy.listen);
  gone.send('never to arrive').socket.end();
  // The proxy has nothing more to say to it, either.
  await gone.untilEvent('close');
  const started = await Upstream.listen(t, Number(address.split(':')[1]));
  const client = await dialed(t, proxy.listen);
  const server = await started.accepted();
  client.send('x');
  await server.untilBytes(1);
  t.same([server.text, started.acceptedCount], ['x', 1]);
});

await t.test('a client that waits for its server is closed when the proxy is disabled', async (t) => {
  const { proxy, upstream } = await proxied(t);
  await upstream.close();
  const client = await dialed(t, proxy.listen);
  await turns(20);
  await proxy.stop();
  await client.untilEvent('end');
  await t.rejects(dialed(t, proxy.listen), { code: 'ECONNREFUSED' });
});

await t.test(
  'when the limit is over, or in stock mode at once, a client is closed whose server refuses',
  async (t) => {
    const closedBy: unknown[] = [];
    for (const isStock of [false, true]) {
      const upstream = await Upstream.listen(t);
      await upstream.close();
      const registry = new Registry({
        seed: 1,
        isStock,
        redial: { everyMs: 1, limitMs: isStock ? 60_000 : 5 },
      });
      t.teardown(() => registry.close());
      const spec = { name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', enabled: true };
      const client = await dialed(t, (await registry.create(spec)).listen);
      await client.untilEvent(isStock ? 'end' : 'reset');
      closedBy.push(client.events[0]);
    }
    t.same(closedBy, ['reset', 'end']);
  },
);

await t.test('which connections a toxicity is for follows from the seed', async (t) => {
  const affected = async (seed: number): Promise<string> => {
    const { connect, add } = await proxied(t, { seed });
    add('timeout', { timeout: 0 }, { stream: 'upstream', toxicity: 0.5 });
    add('noop', {}, { stream: 'upstream' });
    let coins = '';
    for (let i = 0; i < 24; i++) {
      const [client, server] = await connect();
      client.send('x').socket.end();
      await server.untilEvent('end');
      coins += server.text === '' ? '1' : '0';
    }
    return coins;
  };
  const first = await affected(5);
  t.match(first, /1.*0|0.*1/);
  t.equal(await affected(5), first);
  t.not(await affected(6), first);
});

await t.test('a neighbour that comes or goes does not throw the coin of a toxic again', async (t) => {
  const { connect, add, remove } = await proxied(t);
  add('timeout', { timeout: 0 }, { stream: 'upstream', toxicity: 0.5 });
  for (let i = 0; i < 8; i++) {
    const [client, server] = await connect();
    client.send('1');
    for (let round = 0; round < 6; round++) {
      add('noop', {}, { stream: 'upstream' });
      remove('noop_upstream');
      client.send('2');
    }
    client.socket.end();
    await server.untilEvent('end');
    t.ok(['', '1222222'].includes(server.text), server.text);
  }
});

await t.test('another toxic under an old name draws anew', async (t) => {
  const seen = new Set<string>();
  for (let before = 0; before < 16; before++) {
    const { connect, add, remove } = await proxied(t);
    const drop = (): void => add('packet_loss', { loss_rate: 1 }, { stream: 'upstream', toxicity: 0.5 });
    for (let i = 0; i < before; i++) {
      drop();
      remove('packet_loss_upstream');
    }
    drop();
    const [client, server] = await connect();
    client.send('x').socket.end();
    await server.untilEvent('end');
    seen.add(server.text);
  }
  t.same([...seen].sort(), ['', 'x']);
});

await t.test('a proxy whose address is taken says so, and is not enabled', async (t) => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => void other.close());
  const { port } = other.address() as { port: number };
  const { proxy } = await proxied(t);
  const wanted = { listen: `127.0.0.1:${port}`, upstream: proxy.upstream, enabled: true };
  await t.rejects(proxy.update(wanted), {
    message: `listen tcp 127.0.0.1:${port}: bind: address already in use`,
    status: 500,
  });
  t.equal(proxy.isEnabled, false);
});
