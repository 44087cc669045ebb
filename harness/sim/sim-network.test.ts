import t from 'tap';
import type { Accept, ByteStream, StreamHandler } from '../../server/base/ports.ts';
import { Prng } from '../../server/base/prng.ts';
import type { SimHost } from './sim-host.ts';
import { SimNetwork, type NetworkOptions } from './sim-network.ts';
import { SimWorld } from './sim-world.ts';

const PORT = 2888;

const OPTIONS: NetworkOptions = {
  latencyMinMs: 1,
  latencySpreadMs: 5,
  windowBytes: 1000,
  fragmentShare: 0.5,
  fragmentBytesMin: 1,
  joinShare: 0.3,
  lazyWriteShare: 0.3,
  resetShare: 0,
};

/** One end of a connection, and what became of it. */
class End implements StreamHandler {
  stream: ByteStream | null = null;
  readonly received: number[] = [];
  drains = 0;
  closed = 0;

  readonly accept: Accept = (stream) => {
    this.stream = stream;
    return this;
  };

  onBytes(chunk: Uint8Array): void {
    this.received.push(...chunk);
  }

  onDrain(): void {
    this.drains++;
  }

  onClosed(): void {
    this.closed++;
  }
}

interface Pair {
  readonly world: SimWorld;
  readonly network: SimNetwork;
  readonly client: SimHost;
  readonly server: SimHost;
  readonly near: End;
  readonly far: End;
  readonly failures: string[];
}

function pair(seed: number, options: Partial<NetworkOptions> = {}): Pair {
  const world = new SimWorld({ ties: null, gridMs: 0 });
  const network = new SimNetwork(world, { ...OPTIONS, ...options }, new Prng(seed));
  const near = new End();
  const far = new End();
  const client = network.addHost('client');
  const server = network.addHost('server');
  server.listeners.set(PORT, far.accept);
  return { world, network, client, server, near, far, failures: [] };
}

function dial({ network, client, near, failures }: Pair, timeoutMs = 1000): () => void {
  return network
    .dialerFor(client, client.lifetime)
    .dial(
      { host: 'server', port: PORT },
      { timeoutMs, onOpen: near.accept, onFailed: (why) => failures.push(why) },
    );
}

function connected(seed: number, options: Partial<NetworkOptions> = {}): Pair {
  const made = pair(seed, options);
  dial(made);
  made.world.runUntil(100);
  return made;
}

const numbers = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i % 251);

await t.test('bytes arrive in order, all of them, whatever pieces they come in', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const { world, near, far } = connected(seed);
    const bytes = numbers(20_000);
    for (let at = 0; at < bytes.length; at += 700) near.stream?.write(bytes.slice(at, at + 700));
    world.runUntil(100_000);
    t.ok(Buffer.from(far.received).equals(bytes), `seed ${seed}`);
    t.equal(near.stream?.queuedBytes, 0);
    t.ok(near.drains > 0, 'and the writer was told when it could go on');
  }
});

await t.test('what is taken may be used again, what is not must stay', async (t) => {
  const { world, near, far } = connected(1, { lazyWriteShare: 0 });
  const memory = numbers(100);
  t.equal(near.stream?.write(memory), true);
  memory.fill(7);
  t.equal(near.stream?.write(new Uint8Array(5000)), false);
  t.ok((near.stream?.queuedBytes ?? 0) > 0);
  world.runUntil(10_000);
  t.same(far.received.slice(0, 100), [...numbers(100)]);
});

await t.test('who does not read holds up the writer', async (t) => {
  const { world, near, far } = connected(2);
  far.stream?.pause();
  near.stream?.write(new Uint8Array(5000));
  world.runUntil(10_000);
  t.equal(far.received.length, 0);
  t.ok((near.stream?.queuedBytes ?? 0) >= 4000, 'no more than the window is on its way');
  far.stream?.resume();
  world.runUntil(20_000);
  t.equal(far.received.length, 5000);
});

await t.test('a held way delivers late, and only that way', async (t) => {
  const { world, network, client, server, near, far } = connected(3);
  network.link(client, server).hold();
  near.stream?.write(numbers(10));
  far.stream?.write(numbers(20));
  world.runUntil(5000);
  t.equal(far.received.length, 0);
  t.equal(near.received.length, 20);
  network.link(client, server).release();
  world.runUntil(6000);
  t.equal(far.received.length, 10);
});

await t.test('nobody listens: refused; nobody is there: a time-out; cancelled: nothing', async (t) => {
  const refused = pair(4);
  refused.server.listeners.clear();
  dial(refused);
  refused.world.runUntil(5000);
  t.same(refused.failures, ['connection refused']);

  const gone = pair(5);
  gone.server.end('power lost');
  dial(gone);
  gone.world.runUntil(5000);
  t.same(gone.failures, ['timed out']);

  const cancelled = pair(6);
  dial(cancelled)();
  cancelled.world.runUntil(5000);
  t.same(cancelled.failures, []);
  t.equal(cancelled.near.stream, null);
});

await t.test('an end comes behind everything that was written, and closes both sides once', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const { world, near, far } = connected(seed);
    near.stream?.write(numbers(3000));
    near.stream?.end();
    world.runUntil(20_000);
    t.equal(far.received.length, 3000, `seed ${seed}`);
    t.equal(near.closed, 1);
    t.equal(far.closed, 1);
  }
});

await t.test('destroyed, a stream says so once and hears nothing more', async (t) => {
  const { world, near, far } = connected(7, { resetShare: 1 });
  far.stream?.write(numbers(100));
  near.stream?.destroy();
  t.equal(near.closed, 0, 'not before destroy has returned');
  world.runUntil(5000);
  t.equal(near.closed, 1);
  t.equal(far.closed, 1);
  t.equal(near.received.length, 0);
});

await t.test(
  'a killed process closes its connections; one without power leaves them half-open',
  async (t) => {
    const killed = connected(8);
    killed.server.end('killed');
    killed.world.runUntil(5000);
    t.equal(killed.near.closed, 1);
    t.equal(killed.far.closed, 0, 'the dead hear nothing');

    const dark = connected(9);
    dark.server.end('power lost');
    dark.near.stream?.write(numbers(10));
    dark.world.runUntil(60_000);
    t.equal(dark.near.closed, 0, 'nobody says anything');
    dark.server.begin();
    dark.world.runUntil(61_000);
    t.equal(dark.near.closed, 1, 'the machine is back and knows of no such connection');
  },
);

await t.test('a process that lost its power hears nothing of what becomes of its connections', async (t) => {
  const dark = connected(10);
  dark.server.end('power lost');
  dark.server.begin();
  dark.network.reset(dark.client, dark.server);
  dark.world.runUntil(61_000);
  t.equal(dark.near.closed, 1);
  t.equal(dark.far.closed, 0, 'nor does who runs there now hear it in its place');
});
