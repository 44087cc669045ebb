import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { StreamListener } from './stream-listener.ts';

await t.test('a port that is taken can be waited for, however long', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const listener = new StreamListener({
    host: '127.0.0.1',
    port,
    backlog: -1,
    perAddressMax: 0,
    totalMax: 0,
    throttle: null,
    onRefused: () => undefined,
  });
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
