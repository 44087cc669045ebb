import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { TokenBucket } from '../base/token-bucket.ts';
import { StreamListener, type StreamListenerOptions } from './stream-listener.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';

await t.test('a port that is taken can be waited for, however long', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const listener = new StreamListener({ ...OPEN_TO_ALL, port });
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));

  for (let attempt = 0; attempt < 20; attempt++) await t.rejects(listener.listen(), { code: 'EADDRINUSE' });
  // Node warns of listeners that gather in the turn after.
  await new Promise((resolve) => setImmediate(resolve));
  t.same(warnings, []);

  other.close();
  await once(other, 'close');
  await listener.listen();
  t.equal(listener.port, port);
  await listener.close();
});

await t.test('a flood is closed beyond each of the limits, and makes room by going', async (t) => {
  const bucket = new TokenBucket({ capacity: 3, fillCount: 1, fillTimeMs: 2 ** 31 }, 0);
  const cases: readonly (readonly [string, Partial<StreamListenerOptions>])[] = [
    ['maxCnxns=3', { totalMax: 3 }],
    ['maxClientCnxns=3', { perAddressMax: 3 }],
    ['connection_throttle_*', { throttle: bucket }],
  ];
  for (const [reason, limit] of cases) {
    const refused: string[] = [];
    const served = { count: 0, left: 0 };
    const listener = new StreamListener({
      ...OPEN_TO_ALL,
      ...limit,
      onRefused: (_from, why) => refused.push(why),
    });
    await listener.listen();
    t.teardown(() => listener.close());
    listener.open(() => {
      served.count++;
      return { onBytes: () => undefined, onDrain: () => undefined, onClosed: () => void served.left++ };
    });
    const sockets = Array.from({ length: 60 }, () => connect(listener.port, '127.0.0.1').resume());
    await Promise.all(sockets.slice(3).map((socket) => once(socket, 'close')));
    t.equal(served.count, 3, reason);
    t.equal(refused.length, 57);
    for (const why of refused) t.match(why, reason);
    if (reason !== 'connection_throttle_*') {
      const [first] = sockets as [Socket];
      first.destroy();
      while (served.left === 0) await new Promise((resolve) => setImmediate(resolve));
      const next = connect(listener.port, '127.0.0.1');
      await once(next, 'connect');
      while (served.count === 3) await new Promise((resolve) => setImmediate(resolve));
      sockets.push(next);
    }
    for (const socket of sockets) socket.destroy();
  }
});
