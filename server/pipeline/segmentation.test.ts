import t from 'tap';
import { Prng } from '../base/prng.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { create, pathVersion, pathWatch, setData, auth, setWatches } from './testing/bodies.ts';
import { connectFrame, requestFrame } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

const SCRIPT = Buffer.concat([
  connectFrame({}),
  requestFrame(SpecialXid.auth, OpCode.auth, auth('digest', 'bob:x')),
  requestFrame(1, OpCode.create, create('/a', 'x'.repeat(300))),
  requestFrame(2, OpCode.getData, pathWatch('/a', true)),
  requestFrame(SpecialXid.ping, OpCode.ping),
  requestFrame(3, OpCode.setData, setData('/a', 'y')),
  requestFrame(4, OpCode.delete, pathVersion('/a', 7)),
  requestFrame(SpecialXid.setWatches, OpCode.setWatches, setWatches(0, { data: ['/a', '/b'] })),
  requestFrame(5, OpCode.create, create('/a/s', '', 3)),
  requestFrame(6, OpCode.getChildren2, pathWatch('/a')),
  requestFrame(7, OpCode.closeSession),
]);

/** The chunk is overwritten when it has been handed over, as memory is that a network uses again. */
function send(client: ReturnType<TestServer['open']>, bytes: Uint8Array): void {
  const chunk = Buffer.from(bytes);
  client.sendBytes(chunk);
  chunk.fill(0xee);
}

await t.test('the same bytes get the same replies, however they are cut', async (t) => {
  const whole = new TestServer();
  const client = whole.open();
  send(client, SCRIPT);
  whole.settle();
  const expected = Buffer.from(client.socket.take()).toString('hex');
  t.ok(expected.length > 1000);
  for (let seed = 0; seed < 300; seed++) {
    const random = new Prng(seed);
    const sizeMax = seed === 0 ? 1 : 1 + random.below(seed % 3 === 0 ? 8 : 400);
    const server = new TestServer();
    const client = server.open();
    for (let at = 0; at < SCRIPT.length;) {
      const size = 1 + random.below(sizeMax);
      send(client, SCRIPT.subarray(at, at + size));
      at += size;
      if (random.below(2) === 0) server.settle();
    }
    server.settle();
    t.equal(Buffer.from(client.socket.take()).toString('hex'), expected, `seed ${seed}`);
    t.equal(client.socket.state, 'ended');
    if (!t.passing()) return;
  }
});

/** Bytes that look like a client's and are broken somewhere. */
function garbage(random: Prng): Uint8Array {
  const bytes = Buffer.from(SCRIPT);
  for (let i = 1 + random.below(20); i > 0; i--) {
    const at = (random.below(4) === 0 ? 0 : 49) + random.below(bytes.length - 49);
    const draw = random.below(4);
    if (draw === 0) bytes[at] = random.below(256);
    else if (draw === 1) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    else if (draw === 2) bytes.writeInt32BE(-1 - random.below(3), Math.min(at, bytes.length - 4));
    else bytes.copy(bytes, at, random.below(bytes.length), random.below(bytes.length));
  }
  const cut = random.below(3) === 0 ? random.below(bytes.length) : bytes.length;
  return bytes.subarray(0, cut);
}

await t.test('no bytes throw anything, and they end nobody’s connection but their own', async (t) => {
  const server = new TestServer();
  server.log.keepsEntries = true;
  const good = server.connect();
  const ends = { open: 0, ended: 0, destroyed: 0 };
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Prng(seed);
    const client = server.open();
    try {
      client.sendBytes(garbage(random));
      server.settle();
    } catch (error) {
      t.fail(`seed ${seed} threw`, { found: error });
      return;
    }
    ends[client.socket.state]++;
    client.connection.onClosed();
    if (seed % 100 === 0) {
      server.advance(1000);
      good.send(OpCode.exists, pathWatch('/'));
      server.settle();
      if (good.replies().length !== 1) t.fail(`seed ${seed}: the good connection is silent`);
    }
  }
  t.equal(good.socket.state, 'open');
  for (const [state, count] of Object.entries(ends)) t.ok(count > 50, `${count} were ${state}`);
  t.equal(server.core.connections.size, 1);
  server.advance(60_000);
  t.equal(server.sessions.count, 0);
  t.equal(server.tree.ephemeralCount, 0);
  t.equal(server.tree.watchCount, 0);
  t.equal(server.core.outstanding, 0);
});
