import t from 'tap';
import { OpCode } from '../wire/opcode.ts';
import { create, pathWatch, setData } from './testing/bodies.ts';
import { requestFrame } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

const MIB = 1 << 20;

/** `count` requests in one chunk, as a client sends them that does not wait. */
function many(count: number, frame: (xid: number) => Uint8Array): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, (_, i) => frame(i + 1)));
}

function serverWithLargeNode(bytes: number): TestServer {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/large'));
  client.send(OpCode.setData, setData('/large', new Uint8Array(bytes)));
  server.settle();
  return server;
}

await t.test(
  'a chunk full of reads of a large node is answered a few megabytes at a time, all of it',
  async (t) => {
    const server = serverWithLargeNode(MIB / 2);
    const reader = server.connect();
    reader.sendBytes(many(200, (xid) => requestFrame(xid, OpCode.getData, pathWatch('/large'))));
    reader.socket.writes.length = 0;
    server.settle();
    const replies = reader.replies();
    t.same(
      replies.map((reply) => reply.xid),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    t.ok(Math.max(...reader.socket.writes) < MIB / 2, 'no turn writes more');
    t.equal(reader.socket.isPaused, false);
  },
);

await t.test('a client that does not take its replies is not read from until it does', async (t) => {
  const server = serverWithLargeNode(MIB / 2);
  const reader = server.connect();
  reader.socket.isStalled = true;
  for (let i = 0; i < 20; i++) {
    reader.send(OpCode.getData, pathWatch('/large'));
    server.settle();
  }
  t.equal(reader.socket.isPaused, true);
  t.ok(reader.socket.queuedBytes < MIB / 2, `${reader.socket.queuedBytes} bytes are queued`);
  t.equal(reader.socket.state, 'open');

  const xids: number[] = [];
  for (let i = 0; i < 100 && xids.length < 20; i++) {
    xids.push(...reader.replies().map((reply) => reply.xid));
    reader.connection.onDrain();
    server.settle();
  }
  xids.push(...reader.replies().map((reply) => reply.xid));
  t.same(
    xids,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  t.equal(reader.socket.isPaused, false);
});

await t.test('requests behind a write that is not on disk are held in bounded number', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/a'));
  server.settle();
  server.holdsFlushes = true;
  client.sendBytes(requestFrame(1, OpCode.setData, setData('/a', 'x')));
  client.sendBytes(many(30_000, (xid) => requestFrame(xid + 1, OpCode.exists, pathWatch('/a'))));
  server.settle();
  t.equal(client.socket.isPaused, true);
  t.ok(client.connection.outstanding <= 10_001, `${client.connection.outstanding} are held`);

  client.replies();
  server.holdsFlushes = false;
  server.settle();
  t.same(
    client.replies().map((reply) => reply.xid),
    Array.from({ length: 30_001 }, (_, i) => i + 1),
  );
  t.equal(client.socket.isPaused, false);
});

await t.test('when too much waits for the disk nobody is read from, until the disk has it', async (t) => {
  const server = new TestServer({ frameBytesMax: 64 * MIB });
  server.log.txnSizeMax = 64 * MIB;
  const clients = Array.from({ length: 8 }, () => server.connect());
  clients[0]?.send(OpCode.create, create('/a'));
  server.settle();
  for (const client of clients) client.replies();
  server.holdsFlushes = true;
  const frame = requestFrame(2, OpCode.setData, setData('/a', new Uint8Array(40 * MIB)));
  for (const client of clients.slice(0, 4)) client.sendBytes(frame);
  t.equal(server.core.connections.isOverloaded, true);
  const late = clients[5];
  late?.sendBytes(frame);
  t.equal(late?.socket.isPaused, true);

  server.holdsFlushes = false;
  server.settle();
  t.equal(server.core.connections.isOverloaded, false);
  for (const client of clients) t.equal(client.socket.isPaused, false);
  t.equal(late?.replies().length, 1);
});

/** Each connection has its share of a turn, and those that wait share the next: it takes many until all is taken in. */
function isOverloadedAtLast(server: TestServer): boolean {
  const { connections } = server.core;
  for (let turn = 0; turn < 2000 && !connections.isOverloaded; turn++) server.endTurn();
  return connections.isOverloaded;
}

await t.test('many tiny requests count for more than their bytes', async (t) => {
  const server = new TestServer();
  const setup = server.connect();
  setup.send(OpCode.create, create('/a'));
  server.settle();
  server.holdsFlushes = true;
  server.log.keepsEntries = false;
  const clients = Array.from({ length: 40 }, () => {
    const client = server.open();
    client.sendConnect();
    return client;
  });
  server.holdsFlushes = false;
  server.settle();
  server.holdsFlushes = true;
  const chunk = many(9000, (xid) => requestFrame(xid, OpCode.setData, setData('/a', '')));
  for (const client of clients) client.sendBytes(chunk);
  t.equal(isOverloadedAtLast(server), true);
  t.ok(server.core.outstanding < 400_000, `${server.core.outstanding} writes wait`);
});

await t.test('who is not paused is not asked, flush after flush, whether to go on', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  server.settle();
  let asked = 0;
  client.connection.resumeIfPossible = () => {
    asked++;
  };
  for (let i = 0; i < 5; i++) {
    client.send(OpCode.create, create(`/n${i}`));
    server.settle();
  }
  t.equal(asked, 0);
});

await t.test('a client whose reads behind a write ask for more than can be kept is sent away', async (t) => {
  const server = serverWithLargeNode(MIB / 2);
  const [greedy, modest] = [server.connect(), server.connect()];
  server.holdsFlushes = true;
  greedy.sendBytes(requestFrame(1, OpCode.setData, setData('/', 'x')));
  greedy.sendBytes(many(1000, (xid) => requestFrame(xid + 1, OpCode.getData, pathWatch('/large'))));
  modest.sendBytes(requestFrame(1, OpCode.setData, setData('/', 'y')));
  modest.sendBytes(many(20, (xid) => requestFrame(xid + 1, OpCode.getData, pathWatch('/large'))));
  server.holdsFlushes = false;
  server.settle();
  t.equal(greedy.socket.state, 'destroyed');
  t.equal(greedy.socket.take().length, 0);
  t.equal(greedy.connection.outstanding, 0);
  t.equal(modest.replies().length, 21);
  t.equal(server.core.connections.isOverloaded, false);
});

await t.test('what a connection held when it went is held no more', async (t) => {
  const server = new TestServer();
  server.log.keepsEntries = false;
  const clients = Array.from({ length: 40 }, () => server.connect());
  server.holdsFlushes = true;
  const chunk = many(9000, (xid) => requestFrame(xid + 1, OpCode.exists, pathWatch('/')));
  for (const client of clients) {
    client.sendBytes(requestFrame(1, OpCode.setData, setData('/', 'x')));
    client.sendBytes(chunk);
  }
  t.equal(isOverloadedAtLast(server), true);
  for (const client of clients) client.connection.onClosed();
  t.equal(server.core.connections.isOverloaded, false);
  server.holdsFlushes = false;
  server.settle();
  t.equal(server.core.outstanding, 0);
});

await t.test('who asks for much waits for who asks for little, and gets all of it in the end', async (t) => {
  const server = serverWithLargeNode(MIB / 8);
  const [heavy, light] = [server.connect(), server.connect()];
  heavy.sendBytes(many(100, (xid) => requestFrame(xid, OpCode.getData, pathWatch('/large'))));
  light.send(OpCode.exists, pathWatch('/large'));
  server.endTurn();
  t.equal(light.replies().length, 1);
  const first = heavy.replies().length;
  t.ok(first > 0 && first <= 6, `${first} of the large ones`);
  t.ok(heavy.socket.isPaused);
  light.send(OpCode.exists, pathWatch('/large'));
  server.endTurn();
  t.equal(light.replies().length, 1, 'turn after turn');
  server.settle();
  t.equal(first + heavy.replies().length, 100);
  t.notOk(heavy.socket.isPaused);
});

await t.test('several that ask for much get a share each, one after the other', async (t) => {
  const server = serverWithLargeNode(MIB / 4);
  const clients = Array.from({ length: 4 }, () => server.connect());
  for (const client of clients) {
    client.sendBytes(many(20, (xid) => requestFrame(xid, OpCode.getData, pathWatch('/large'))));
  }
  const counts = clients.map(() => 0);
  for (let turn = 0; turn < 40; turn++) {
    server.endTurn();
    for (const [i, client] of clients.entries()) counts[i] = (counts[i] ?? 0) + client.replies().length;
    t.ok(Math.max(...counts) - Math.min(...counts) <= 6, counts.join(' '));
  }
  t.same(counts, [20, 20, 20, 20]);
});

await t.test('one that goes away while it waits for its share is forgotten', async (t) => {
  const server = serverWithLargeNode(MIB / 4);
  const heavy = server.connect();
  heavy.sendBytes(many(100, (xid) => requestFrame(xid, OpCode.getData, pathWatch('/large'))));
  server.endTurn();
  heavy.connection.onClosed();
  server.settle();
  t.equal(server.core.connections.size, 1, 'of who made the node');
});
