import t from 'tap';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import { writeMultiReadRequest, type MultiOp } from '../wire/records/multi-request.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import {
  create,
  multi,
  OPEN_ACL,
  pathInt,
  pathOnly,
  pathWatch,
  setData,
  setWatches,
} from './testing/bodies.ts';
import { requestFrame, type TestClient } from './testing/test-client.ts';
import { TestServer, TICK_MS } from './testing/test-server.ts';

const { badArguments, marshallingError, ok } = ErrorCode;

function serverWith(limits: Partial<Limits>): TestServer {
  return new TestServer({ limits: { ...DEFAULT_LIMITS, ...limits } });
}

/** The codes of what has come by now. */
function codes(server: TestServer, client: TestClient): number[] {
  server.settle();
  return client
    .replies()
    .filter(({ xid }) => xid > 0)
    .map(({ err }) => err);
}

await t.test('paths have a length and a depth at most', async (t) => {
  const server = serverWith({ pathLengthMax: 20, depthMax: 3 });
  const client = server.connect();
  for (const path of ['/a', '/a/b', '/a/b/c', '/a/b/c/d']) client.send(OpCode.create, create(path));
  client.send(OpCode.create, create(`/${'x'.repeat(19)}`));
  client.send(OpCode.create, create(`/${'x'.repeat(20)}`));
  client.send(OpCode.create, create(`/${'x'.repeat(10)}`, '', 2));
  t.same(codes(server, client), [ok, ok, ok, badArguments, ok, badArguments, badArguments]);
});

await t.test('a tree at its limits is read and changed, and grows no more', async (t) => {
  const server = serverWith({ nodesMax: 7 });
  const client = server.connect();
  t.equal(server.tree.nodeCount, 5);
  const answers: number[] = [];
  const ask = (type: number, body: Parameters<TestClient['send']>[1]): void => {
    client.send(type, body);
    answers.push(...codes(server, client));
  };
  for (const path of ['/a', '/b', '/c']) ask(OpCode.create, create(path));
  ask(OpCode.setData, setData('/a', 'x'));
  ask(OpCode.delete, pathInt('/b', -1));
  ask(OpCode.create, create('/c'));
  t.same(answers, [ok, ok, badArguments, ok, ok, ok]);
});

await t.test('nor does its data', async (t) => {
  const used = serverWith({}).tree.approximateDataSize;
  const server = serverWith({ dataBytesMax: used + 100 });
  const client = server.connect();
  const answers: number[] = [];
  const ask = (type: number, body: Parameters<TestClient['send']>[1]): void => {
    client.send(type, body);
    answers.push(...codes(server, client));
  };
  ask(OpCode.create, create('/a', 'x'.repeat(60)));
  ask(OpCode.create, create('/b', 'x'.repeat(60)));
  ask(OpCode.setData, setData('/a', 'y'.repeat(60)));
  ask(OpCode.setData, setData('/a', 'y'));
  ask(OpCode.create, create('/b', 'x'.repeat(60)));
  t.same(answers, [ok, badArguments, ok, ok, ok]);
});

await t.test('a session has so many ephemerals at most', async (t) => {
  const server = serverWith({ ephemeralsPerSessionMax: 2 });
  const [client, other] = [server.connect(), server.connect()];
  for (const path of ['/a', '/b', '/c']) {
    client.send(OpCode.create, create(path, '', 1));
    server.settle();
  }
  other.send(OpCode.create, create('/d', '', 1));
  client.send(OpCode.create, create('/e'));
  t.same(codes(server, client), [ok, ok, badArguments, ok]);
  t.same(codes(server, other), [ok]);
});

function creates(count: number): MultiOp[] {
  return Array.from({ length: count }, (_, i) => ({
    type: OpCode.create,
    request: { path: `/${count}-${i}`, data: null, acl: OPEN_ACL, flags: 0 },
  }));
}

await t.test('a multi has so many operations at most, and is then refused as a whole', async (t) => {
  const server = serverWith({ operationsPerMultiMax: 3 });
  const client = server.connect();
  client.send(OpCode.multi, multi(creates(3)));
  client.send(OpCode.multi, multi(creates(4)));
  t.same(codes(server, client), [ok, marshallingError]);
  t.equal(server.tree.get('/4-0'), undefined);
});

await t.test('a connection has so many watches at most, of whatever kind', async (t) => {
  const server = serverWith({ watchesPerConnectionMax: 3, watchesMax: 5 });
  const [client, other] = [server.connect(), server.connect()];
  client.send(OpCode.create, create('/a'));
  client.send(OpCode.getData, pathWatch('/a', true));
  client.send(OpCode.getChildren, pathWatch('/a', true));
  client.send(OpCode.addWatch, pathInt('/a', 0));
  client.send(OpCode.exists, pathWatch('/absent', true));
  client.send(OpCode.exists, pathWatch('/other', true));
  client.send(OpCode.exists, pathWatch('/other'));
  client.send(OpCode.getData, pathWatch('/', true));
  client.send(OpCode.setWatches, setWatches(2 ** 40, { data: ['/zookeeper'] }));
  const noNode = ErrorCode.noNode;
  t.same(codes(server, client), [
    ok,
    ok,
    ok,
    badArguments,
    noNode,
    badArguments,
    noNode,
    badArguments,
    badArguments,
  ]);
  other.send(OpCode.setWatches, setWatches(2 ** 40, { exist: ['/x', '/y'] }));
  other.send(OpCode.exists, pathWatch('/z', true));
  t.same(codes(server, other), [ok, badArguments], 'and all of them together');
  t.equal(server.tree.watchCount, 5);
});

await t.test('a reply has a length at most: what would be longer is refused before it is made', async (t) => {
  const server = serverWith({ responseBytesMax: 100 });
  const client = server.connect();
  client.send(OpCode.create, create('/p', 'x'.repeat(60)));
  for (let i = 0; i < 12; i++) client.send(OpCode.create, create(`/p/node${i}`, '', 1));
  t.ok(codes(server, client).every((code) => code === ok));
  for (const type of [OpCode.getChildren, OpCode.getChildren2]) client.send(type, pathWatch('/p', true));
  client.send(OpCode.getEphemerals, pathOnly('/'));
  client.send(OpCode.exists, pathWatch('/p'));
  for (const count of [1, 2]) {
    const getData = { type: OpCode.getData, request: { path: '/p', watch: false } };
    client.send(OpCode.multiRead, (writer) =>
      writeMultiReadRequest(
        writer,
        Array.from({ length: count }, () => getData),
      ),
    );
  }
  for (let i = 0; i < 11; i++) client.send(OpCode.delete, pathInt(`/p/node${i}`, -1));
  client.send(OpCode.getChildren, pathWatch('/p'));
  const [children, children2, ephemerals, exists, one, two, ...rest] = codes(server, client);
  t.same([children, children2, ephemerals], [marshallingError, marshallingError, marshallingError]);
  t.same([exists, one, two], [ok, ok, marshallingError]);
  t.equal(rest.at(-1), ok);
  t.equal(server.tree.watchCount, 0, 'a listing that is refused leaves no watch');
});

await t.test('requests that do not come to their end cost no more than all may together', async (t) => {
  const server = serverWith({ partialBytesMax: 1000 });
  const clients = Array.from({ length: 4 }, () => server.connect());
  const frame = requestFrame(1, OpCode.create, create('/a', 'x'.repeat(400)));
  for (const client of clients) client.sendBytes(frame.subarray(0, 300));
  server.settle();
  t.same(
    clients.map(({ socket }) => socket.state),
    ['open', 'open', 'open', 'destroyed'],
  );
  clients[0]?.sendBytes(frame.subarray(300));
  server.settle();
  t.ok(server.tree.get('/a'), 'one of the others comes to its end');
  const late = server.connect();
  late.sendBytes(frame.subarray(0, 300));
  t.equal(late.socket.state, 'open', 'and what it took is free again');
});

await t.test('a request has so long to come, from its first byte to its last', async (t) => {
  const requestTimeoutMs = 5 * TICK_MS;
  const server = serverWith({ requestTimeoutMs });
  const [slow, busy] = [server.connect({ timeOut: 60_000 }), server.connect({ timeOut: 60_000 })];
  const frame = requestFrame(1, OpCode.create, create('/a'));
  for (const client of [slow, busy]) client.sendBytes(frame.subarray(0, 10));
  for (let tick = 0; tick < 8; tick++) {
    // Always in the middle of one, and each in time.
    busy.sendBytes(frame.subarray(10));
    busy.sendBytes(frame.subarray(0, 10));
    if (tick < 7) slow.sendBytes(frame.subarray(10 + tick, 11 + tick));
    server.advance(TICK_MS);
  }
  t.equal(slow.socket.state, 'destroyed');
  t.equal(busy.socket.state, 'open');
});

await t.test('beyond so many unanswered requests nobody is read from until some are answered', async (t) => {
  const server = serverWith({ inFlightRequestsMax: 3 });
  const [first, second] = [server.connect(), server.connect()];
  server.holdsFlushes = true;
  for (const path of ['/a', '/b', '/c']) first.send(OpCode.create, create(path));
  second.send(OpCode.create, create('/d'));
  second.send(OpCode.create, create('/e'));
  server.settle();
  t.ok(second.socket.isPaused);
  server.holdsFlushes = false;
  server.settle();
  t.notOk(second.socket.isPaused);
  t.same(codes(server, second), [ok, ok]);
});
