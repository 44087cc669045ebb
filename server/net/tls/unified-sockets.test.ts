import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import type { ByteStream } from '../../base/ports.ts';
import { StreamListener } from '../stream-listener.ts';
import { OPEN_TO_ALL } from '../testing/open-to-all.ts';
import { UnifiedSockets } from './unified-sockets.ts';

await t.test('who does not want to read yet is brought nothing, and then all of it', async (t) => {
  const listener = new StreamListener({
    ...OPEN_TO_ALL,
    gate: new UnifiedSockets({
      secure: { enter: () => t.fail('it is no TLS') },
      timeoutMs: 10_000,
      onPlain: () => undefined,
      onFailed: (_address, why) => t.fail(why),
    }),
  });
  t.teardown(() => listener.close());
  await listener.listen();
  const heard: string[] = [];
  const stream = await new Promise<ByteStream>((resolve) => {
    listener.open((stream) => {
      stream.pause();
      resolve(stream);
      return {
        onBytes: (chunk) => void heard.push(Buffer.from(chunk).toString()),
        onDrain: () => undefined,
        onClosed: () => undefined,
      };
    });
    const socket = connect(listener.port, '127.0.0.1', () => socket.write('hello'));
    t.teardown(() => socket.destroy());
  });
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  t.same(heard, []);
  stream.resume();
  while (heard.join('') !== 'hello') await new Promise((resolve) => setImmediate(resolve));
  // Who leaves without a word is let go at once.
  await once(connect(listener.port, '127.0.0.1').end().resume(), 'close');
});
