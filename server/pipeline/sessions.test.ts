import t from 'tap';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import type { SessionId } from '../base/session-id.ts';
import { create, pathVersion, pathWatch, setData } from './testing/bodies.ts';
import { requestFrame } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

await t.test('closeSession: ephemerals gone in its one txn, the reply, then the end (trap 15)', async (t) => {
  const server = new TestServer();
  const [client, other] = [server.connect(), server.connect()];
  for (const path of ['/e1', '/e2']) client.send(OpCode.create, create(path, '', 1));
  client.send(OpCode.create, create('/p'));
  server.settle();
  client.replies();
  other.send(OpCode.exists, pathWatch('/e2', true));
  server.settle();
  const entries = server.log.entries.length;
  const xid = client.send(OpCode.closeSession);
  server.settle();
  const [reply] = client.replies();
  t.match(reply, { xid, err: 0, zxid: server.tree.lastProcessedZxid });
  t.equal(reply?.body.remaining, 0);
  t.equal(client.socket.state, 'ended');
  t.equal(server.log.entries.length, entries + 1);
  t.same(server.log.entries.at(-1)?.txn, { type: OpCode.closeSession, paths2Delete: ['/e1', '/e2'] });
  t.same([...(server.tree.get('/')?.children ?? [])], ['zookeeper', 'p']);
  t.equal(server.sessions.has(client.session), false);
  t.equal(other.replies().length, 2, 'and who watched one was told');
});

await t.test('nothing of a session is committed behind its closeSession (B50, C9)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/e1', '', 1));
  client.send(OpCode.closeSession);
  client.send(OpCode.create, create('/e2', '', 1));
  client.send(OpCode.setData, setData('/', 'x'));
  client.send(OpCode.closeSession);
  server.settle();
  t.equal(server.tree.get('/e1'), undefined);
  t.equal(server.tree.get('/e2'), undefined);
  t.equal(server.tree.get('/')?.version, 0);
  t.equal(server.tree.ephemeralCount, 0);
  t.same(
    client.replies().map((reply) => [reply.xid, reply.err]),
    [
      [1, 0],
      [2, 0],
    ],
  );
  t.equal(client.socket.state, 'ended');
});

await t.test(
  'an expired session’s holder is closed without a byte, and one txn takes its ephemerals',
  async (t) => {
    const server = new TestServer();
    const client = server.connect({ timeOut: 4000 });
    for (const path of ['/e1', '/e2']) client.send(OpCode.create, create(path, '', 1));
    client.send(OpCode.exists, pathWatch('/e1', true));
    server.settle();
    client.replies();
    const entries = server.log.entries.length;
    server.advance(4000);
    t.equal(client.socket.state, 'open', 'not early');
    server.advance(1000);
    t.equal(client.socket.state, 'destroyed');
    t.equal(client.socket.take().length, 0);
    t.equal(server.log.entries.length, entries + 1);
    t.match(server.log.entries.at(-1), {
      header: { clientId: client.session, cxid: 0 },
      txn: { paths2Delete: ['/e1', '/e2'] },
    });
    t.equal(server.tree.ephemeralCount, 0);
    t.equal(server.sessions.count, 0);
    t.equal(server.core.connections.size, 0);
  },
);

await t.test(
  'whatever comes keeps the session alive, if only a ping or half a frame (trap 18)',
  async (t) => {
    const server = new TestServer();
    const [pinging, reading, slow] = Array.from({ length: 3 }, () => server.connect({ timeOut: 3000 }));
    const frame = requestFrame(SpecialXid.ping, OpCode.ping);
    for (let i = 0; i < frame.length; i++) {
      server.advance(2000);
      pinging?.ping();
      reading?.send(OpCode.exists, pathWatch('/'));
      slow?.sendBytes(frame.subarray(i, i + 1));
      server.settle();
    }
    for (const client of [pinging, reading, slow]) t.equal(client?.socket.state, 'open');
    server.advance(5000);
    for (const client of [pinging, reading, slow]) t.equal(client?.socket.state, 'destroyed');
  },
);

await t.test(
  'a session without a connection expires all the same, and can be come back to until then',
  async (t) => {
    const server = new TestServer();
    const client = server.connect({ timeOut: 4000 });
    client.send(OpCode.create, create('/e', '', 1));
    server.settle();
    client.connection.onClosed();
    t.equal(server.core.connections.size, 0);
    server.advance(3000);
    const again = server.connect({ sessionId: client.session, passwd: client.password, timeOut: 4000 });
    t.equal(again.session, client.session);
    again.connection.onClosed();
    server.advance(6000);
    t.equal(server.tree.get('/e'), undefined);
  },
);

await t.test(
  'while its closeSession is on the way to the disk, an expired session writes no more',
  async (t) => {
    const server = new TestServer();
    const client = server.connect({ timeOut: 4000 });
    server.holdsFlushes = true;
    server.advance(5000);
    client.send(OpCode.create, create('/late', '', 1));
    server.holdsFlushes = false;
    server.settle();
    t.equal(server.tree.get('/late'), undefined);
    t.equal(client.socket.state, 'destroyed');
    t.equal(client.socket.take().length, 0);
  },
);

await t.test(
  'more ephemerals than a txn can name are gone with their session all the same (B28)',
  async (t) => {
    const server = new TestServer();
    const [client, other] = [server.connect(), server.connect()];
    for (let i = 0; i < 50; i++) client.send(OpCode.create, create(`/e${i}`, '', 1));
    server.settle();
    server.log.txnSizeMax = 200;
    client.replies();
    client.send(OpCode.closeSession);
    server.settle();
    t.equal(client.replies()[0]?.err, 0);
    t.equal(server.tree.ephemeralCount, 0);
    t.equal(server.sessions.has(client.session), false);
    const { high, low } = server.tree.digest;
    t.equal(
      server.log.entries.at(-1)?.digest?.treeDigest,
      BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)),
    );
    other.send(OpCode.create, create('/e1'));
    other.send(OpCode.delete, pathVersion('/e1'));
    server.settle();
    t.ok(other.replies().every((reply) => reply.err === 0));
  },
);

await t.test('session ids count up from the first and are never given twice', async (t) => {
  const server = new TestServer({ firstSessionId: 0x0500_0000_0000_0000n as SessionId });
  const ids = Array.from({ length: 20 }, () => server.connect().session);
  t.same(
    ids,
    Array.from({ length: 20 }, (_, i) => 0x0500_0000_0000_0000n + BigInt(i)),
  );
});

await t.test('a server that was stopped reads what has come before it expires anybody (C9)', async (t) => {
  const server = new TestServer();
  const [pinging, silent] = [server.connect({ timeOut: 4000 }), server.connect({ timeOut: 4000 })];
  // The process goes on after half a minute: first the timer that is due, then the sockets.
  server.nowMs += 30_000;
  server.core.onTick();
  pinging.ping();
  server.settle();
  t.equal(pinging.replies().length, 1);
  t.equal(pinging.socket.state, 'open');
  t.equal(silent.socket.state, 'destroyed');
});

await t.test('a jump of the wall clock ends no session', async (t) => {
  const server = new TestServer();
  const client = server.connect({ timeOut: 4000 });
  client.send(OpCode.create, create('/e', '', 1));
  server.settle();
  for (const jumpMs of [10 * 365 * 86_400_000, -20 * 365 * 86_400_000]) {
    server.wallMs += jumpMs;
    server.advance(3000);
    t.equal(client.socket.state, 'open');
    client.ping();
    server.settle();
  }
  t.not(server.tree.get('/e'), undefined);
  server.advance(6000);
  t.equal(server.tree.get('/e'), undefined, 'and it ends by the other clock');
});
