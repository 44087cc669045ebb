import { once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import { Prng } from '../base/prng.ts';
import type { ByteStream, StreamHandler } from '../base/ports.ts';
import { NodeDialer } from './node-dialer.ts';
import { StreamListener } from './stream-listener.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';

/** Keeps what it is sent, and knows the memory it came in. */
class Keeper implements StreamHandler {
  readonly stream: ByteStream;
  readonly memory = new Set<ArrayBufferLike>();
  readonly received: Buffer[] = [];
  readonly whenClosed: Promise<void>;
  #close: () => void = () => undefined;

  constructor(stream: ByteStream) {
    this.stream = stream;
    this.whenClosed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  onBytes(chunk: Uint8Array): void {
    this.memory.add(chunk.buffer);
    this.received.push(Buffer.copyBytesFrom(chunk));
  }

  onDrain(): void {}

  onClosed(): void {
    this.#close();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }
}

function bytesOf(seed: number, length: number): Buffer {
  const prng = new Prng(seed);
  return Buffer.from(Uint32Array.from({ length }, () => prng.uint32()).buffer);
}

/** A port, and those who come to it. */
class Port {
  readonly listener = new StreamListener(OPEN_TO_ALL);
  readonly #come: Keeper[] = [];
  #onCome: () => void = () => undefined;

  open(onAccept: (stream: ByteStream) => void = () => undefined): void {
    this.listener.open((stream) => {
      const keeper = new Keeper(stream);
      onAccept(stream);
      this.#come.push(keeper);
      this.#onCome();
      return keeper;
    });
  }

  /** The first so many who come. */
  async first(count: number): Promise<Keeper[]> {
    while (this.#come.length < count) {
      await new Promise<void>((resolve) => {
        this.#onCome = resolve;
      });
    }
    return this.#come.slice(0, count);
  }

  async connect(): Promise<net.Socket> {
    const socket = net.connect(this.listener.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }
}

async function portOf(t: Test): Promise<Port> {
  const port = new Port();
  await port.listener.listen();
  t.teardown(() => port.listener.close());
  return port;
}

await t.test('many connections read into one memory, and each gets its own bytes', async (t) => {
  const port = await portOf(t);
  port.open();
  const sent = Array.from({ length: 8 }, (_, seed) => bytesOf(seed, 300_000));
  for (const bytes of sent) (await port.connect()).end(bytes);
  const keepers = await port.first(sent.length);
  await Promise.all(keepers.map((keeper) => keeper.whenClosed));
  for (const [i, bytes] of sent.entries())
    t.ok(
      keepers.some((keeper) => keeper.bytes.equals(bytes)),
      `of ${i}`,
    );
  // Where a version of Node has this no more, it is slower and not wrong; but we should know.
  t.equal(new Set(keepers.flatMap(({ memory }) => [...memory])).size, 1, 'one memory');
});

await t.test('who came before anybody was served is served, with what it had sent', async (t) => {
  const port = await portOf(t);
  (await port.connect()).end('early');
  // They are accepted in their order.
  const later = await port.connect();
  t.teardown(() => later.destroy());
  port.open();
  const [early] = await port.first(2);
  await early?.whenClosed;
  t.equal(early?.bytes.toString(), 'early');
});

await t.test('who is paused is not read from until it goes on', async (t) => {
  const port = await portOf(t);
  port.open((stream) => stream.pause());
  const dialed = await new Promise<Keeper>((resolve, reject) => {
    new NodeDialer().dial(
      { host: '127.0.0.1', port: port.listener.port },
      {
        timeoutMs: 10_000,
        onOpen: (stream) => {
          const keeper = new Keeper(stream);
          resolve(keeper);
          return keeper;
        },
        onFailed: (why) => reject(new Error(why)),
      },
    );
  });
  const bytes = bytesOf(99, 2_000_000);
  dialed.stream.write(bytes);
  dialed.stream.end();
  const [accepted] = await port.first(1);
  // 8 MB do not fit between the two: they are under way for as long as nobody reads.
  t.ok(dialed.stream.queuedBytes > 0);
  t.equal(accepted?.received.length, 0);
  accepted?.stream.resume();
  await accepted?.whenClosed;
  t.ok(accepted?.bytes.equals(bytes));
});

await t.test('a listener is closed when its last connection is', async (t) => {
  const port = await portOf(t);
  port.open();
  const socket = await port.connect();
  socket.on('error', () => undefined);
  const [keeper] = await port.first(1);
  let isClosed = false;
  void keeper?.whenClosed.then(() => {
    isClosed = true;
  });
  await port.listener.close();
  t.ok(isClosed);
});
