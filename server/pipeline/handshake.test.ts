import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { sessionPassword } from '../session/session-password.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { auth, create, pathWatch, setWatches } from './testing/bodies.ts';
import { connectFrame, requestFrame } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

// The decision table of protocol §1.3, row by row.

await t.test('lastZxidSeen ahead of this server: closed without a byte (trap 12)', async (t) => {
  const server = new TestServer();
  const known = server.connect();
  const client = server.open();
  client.sendConnect({
    lastZxidSeen: (server.tree.lastProcessedZxid + 1) as Zxid,
    sessionId: known.session,
    passwd: known.password,
  });
  server.settle();
  t.equal(client.socket.state, 'destroyed');
  t.equal(client.socket.take().length, 0);
  t.equal(known.socket.state, 'open', 'and the session’s holder stays');
  t.equal(server.sessions.isAlive(known.session), true);
});

await t.test('a new session is answered when its txn is on disk, with the id’s password', async (t) => {
  const server = new TestServer();
  server.holdsFlushes = true;
  const client = server.open();
  client.sendConnect({ timeOut: 5000 });
  server.settle();
  t.equal(client.socket.take().length, 0);
  t.equal(server.sessions.count, 0);
  server.log.complete();
  server.settle();
  const response = client.connectResponse();
  t.match(response, { protocolVersion: 0, timeOut: 5000, readOnly: false });
  t.same(response.passwd, sessionPassword(response.sessionId));
  t.match(server.log.entries[0], {
    header: { clientId: response.sessionId, cxid: 0, zxid: 1, type: OpCode.createSession },
    txn: { timeOut: 5000 },
  });
});

await t.test('null and empty passwords will do for a new session', async (t) => {
  for (const passwd of [null, new Uint8Array(0)]) {
    const server = new TestServer();
    t.not(server.connect({ passwd }).session, NO_SESSION);
  }
});

await t.test('timeouts are put between the bounds, on coming back too', async (t) => {
  const server = new TestServer();
  for (const [asked, given] of [
    [-1, 2000],
    [0, 2000],
    [2001, 2001],
    [2 ** 31 - 1, 20_000],
  ] as const) {
    const client = server.open();
    client.sendConnect({ timeOut: asked });
    server.settle();
    t.equal(client.connectResponse().timeOut, given);
    const again = server.open();
    again.sendConnect({ timeOut: 3000, sessionId: client.session, passwd: client.password });
    server.settle();
    t.equal(again.connectResponse().timeOut, 3000);
    t.equal(server.sessions.timeoutOf(client.session), 3000);
  }
});

await t.test('an old client’s answer has 36 bytes, a new one’s 37, refused or not (trap 9)', async (t) => {
  for (const [readOnly, length] of [
    [null, 36],
    [false, 37],
    [true, 37],
  ] as const) {
    const server = new TestServer();
    for (const sessionId of [NO_SESSION, 5n as SessionId]) {
      const client = server.open();
      client.sendConnect({ readOnly, sessionId });
      server.settle();
      t.equal(client.frames()[0]?.length, length);
    }
  }
});

/** What happens to a client that comes back with this session and password. */
function comeBack(server: TestServer, sessionId: SessionId, passwd: Uint8Array | null): unknown {
  const count = server.sessions.count;
  const client = server.open();
  client.sendConnect({ sessionId, passwd });
  server.settle();
  const response = client.connectResponse();
  return { response, state: client.socket.state, newSessions: server.sessions.count - count };
}

/** The all-zero answer that makes a client declare its session expired, and no session instead (trap 11, B56). */
const REFUSED = {
  response: { timeOut: 0, sessionId: NO_SESSION, passwd: new Uint8Array(16) },
  state: 'ended',
  newSessions: 0,
};

await t.test('a wrong password is refused and leaves the session’s holder connected', async (t) => {
  const server = new TestServer();
  const holder = server.connect();
  for (const passwd of [new Uint8Array(16), new Uint8Array(0), null, sessionPassword(7n as SessionId)]) {
    t.match(comeBack(server, holder.session, passwd), REFUSED);
  }
  t.equal(holder.socket.state, 'open');
  holder.send(OpCode.create, create('/a'));
  server.settle();
  t.equal(holder.replies()[0]?.err, 0);
});

await t.test('unknown, closing and expired sessions are refused (B56, C11)', async (t) => {
  const server = new TestServer();
  const unknown = 0x0100_0000_0000_0777n as SessionId;
  t.match(comeBack(server, unknown, sessionPassword(unknown)), REFUSED);

  const client = server.connect();
  server.holdsFlushes = true;
  client.send(OpCode.closeSession);
  t.match(comeBack(server, client.session, client.password), REFUSED);
  server.holdsFlushes = false;
  server.settle();
  t.match(comeBack(server, client.session, client.password), REFUSED);

  const silent = server.connect();
  server.advance(30_000);
  t.match(comeBack(server, silent.session, silent.password), REFUSED);
});

await t.test('coming back takes the session over: the old connection ends without a byte', async (t) => {
  const server = new TestServer();
  const old = server.connect();
  old.send(OpCode.create, create('/e', '', 1));
  old.send(OpCode.exists, pathWatch('/e', true));
  server.settle();
  old.replies();
  const again = server.open();
  again.sendConnect({ sessionId: old.session, passwd: old.password });
  server.settle();
  t.match(again.connectResponse(), { sessionId: old.session, passwd: old.password });
  t.equal(old.socket.state, 'destroyed');
  t.equal(old.socket.take().length, 0);
  t.equal(server.tree.watchCount, 0, 'watches were the connection’s (trap 48)');
  t.not(server.tree.get('/e'), undefined);
  again.send(OpCode.create, create('/f', '', 1));
  server.settle();
  t.equal(server.tree.get('/f')?.ephemeralOwner, old.session);
});

await t.test('a write of the old connection is done or not, and answered to nobody', async (t) => {
  const server = new TestServer();
  const old = server.connect();
  server.holdsFlushes = true;
  old.send(OpCode.create, create('/a'));
  old.send(OpCode.getData, pathWatch('/a'));
  server.settle();
  const again = server.open();
  again.sendConnect({ sessionId: old.session, passwd: old.password });
  again.send(OpCode.exists, pathWatch('/a'));
  server.holdsFlushes = false;
  server.settle();
  again.connectResponse();
  t.not(server.tree.get('/a'), undefined);
  t.equal(old.socket.take().length, 0);
});

await t.test('what is pipelined behind the handshake is answered after it, in order (trap 16)', async (t) => {
  for (const pieces of [1, 2, 3, 1000]) {
    const server = new TestServer();
    server.holdsFlushes = true;
    const bytes = Buffer.concat([
      connectFrame({}),
      requestFrame(SpecialXid.auth, OpCode.auth, auth('digest', 'bob:x')),
      requestFrame(SpecialXid.setWatches, OpCode.setWatches, setWatches(0, { exist: ['/a'] })),
      requestFrame(1, OpCode.create, create('/a', 'x'.repeat(5000))),
      requestFrame(2, OpCode.exists, pathWatch('/a')),
    ]);
    const client = server.open();
    const size = Math.ceil(bytes.length / pieces);
    for (let at = 0; at < bytes.length; at += size) client.sendBytes(bytes.subarray(at, at + size));
    server.settle();
    t.equal(client.socket.take().length, 0);
    t.equal(client.socket.isPaused, true, 'it is not read from in the meantime');
    server.holdsFlushes = false;
    server.settle();
    t.equal(client.socket.isPaused, false);
    const [connect, ...replies] = client.frames();
    t.equal(connect?.length, 37);
    t.same(
      replies.map((frame) => new DataView(frame.buffer, frame.byteOffset).getInt32(0)),
      [SpecialXid.auth, SpecialXid.setWatches, SpecialXid.notification, 1, 2],
    );
  }
});

await t.test('a connection without a session has ten seconds and 4 KiB for its handshake', async (t) => {
  const server = new TestServer();
  const silent = server.open();
  const slow = server.open();
  slow.sendBytes(connectFrame({}).subarray(0, 20));
  const held = server.connect();
  server.advance(9000);
  held.ping();
  t.equal(slow.socket.state, 'open');
  server.advance(2000);
  for (const { socket } of [silent, slow]) {
    t.equal(socket.state, 'destroyed');
    t.equal(socket.take().length, 0);
  }
  t.equal(held.socket.state, 'open');

  const greedy = server.open();
  greedy.sendBytes(Uint8Array.of(0, 0, 0x10, 0x01));
  t.equal(greedy.socket.state, 'destroyed');
  t.equal(server.badBytes[0]?.code, 'frame-length');
});

await t.test('who goes while his session is made leaves a session that expires', async (t) => {
  const server = new TestServer();
  server.holdsFlushes = true;
  const client = server.open();
  client.sendConnect();
  server.settle();
  client.connection.onClosed();
  server.holdsFlushes = false;
  server.settle();
  t.equal(server.sessions.count, 1);
  t.equal(server.core.connections.size, 0);
  server.advance(30_000);
  t.equal(server.sessions.count, 0);
});
