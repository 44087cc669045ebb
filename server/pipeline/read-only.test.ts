import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { sessionPassword } from '../session/session-password.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import { create, multi, pathOnly, pathVersion, pathWatch } from './testing/bodies.ts';
import { TestServer } from './testing/test-server.ts';

/** A server that has lost its quorum, with what it had. */
function readOnlyServer(): TestServer {
  const before = new TestServer();
  const client = before.connect();
  client.send(OpCode.create, create('/a', 'x'));
  before.settle();
  return new TestServer({ tree: before.tree, isReadOnly: true });
}

const READING = { readOnly: true };

await t.test('who can do with reads alone is served, and told', async (t) => {
  const server = readOnlyServer();
  const client = server.open();
  client.sendConnect(READING);
  server.settle();
  const response = client.connectResponse();
  t.match(response, { readOnly: true, timeOut: 10_000 });
  t.not(response.sessionId, NO_SESSION);
  client.send(OpCode.getData, pathWatch('/a', true));
  client.send(OpCode.exists, pathWatch('/b'));
  client.ping();
  server.settle();
  t.same(
    client.replies().map(({ err }) => err),
    [0, ErrorCode.noNode, 0],
  );
  t.equal(server.log.entries.length, 0, 'of which no log tells');
});

await t.test('whoever wants to write finds another server', async (t) => {
  for (const readOnly of [false, null]) {
    const server = readOnlyServer();
    const client = server.open();
    client.sendConnect({ readOnly });
    server.settle();
    t.equal(client.socket.take().length, 0);
    t.equal(client.socket.state, 'destroyed', `readOnly ${readOnly}`);
  }
});

await t.test('what would write, or catch up, is refused with the header alone', async (t) => {
  const server = readOnlyServer();
  const client = server.connect(READING);
  client.send(OpCode.create, create('/b'));
  client.send(OpCode.delete, pathVersion('/a'));
  client.send(OpCode.multi, multi([]));
  client.send(OpCode.sync, pathOnly('/'));
  client.send(OpCode.getData, pathWatch('/a'));
  server.settle();
  const replies = client.replies();
  t.same(
    replies.map(({ err }) => err),
    [...Array<number>(4).fill(ErrorCode.notReadOnly), 0],
    'in order',
  );
  for (const { body, zxid } of replies.slice(0, 4)) {
    t.equal(body.remaining, 0);
    t.equal(zxid, server.tree.lastProcessedZxid);
  }
  t.equal(client.socket.state, 'open');
});

await t.test('a session of its own goes on over its connections, and ends here', async (t) => {
  const server = readOnlyServer();
  const first = server.connect({ ...READING, timeOut: 4000 });
  const { session: sessionId, password: passwd } = first;
  const again = server.connect({ ...READING, sessionId, passwd });
  t.equal(again.session, sessionId);
  t.equal(first.socket.state, 'destroyed');
  again.send(OpCode.closeSession);
  server.settle();
  t.equal(again.replies().at(-1)?.err, 0);
  t.equal(again.socket.state, 'ended');
  t.equal(
    server.connect({ ...READING, sessionId, passwd }).session,
    NO_SESSION,
    'it is told that it has ended',
  );
  const silent = server.connect({ ...READING, timeOut: 4000 });
  server.advance(6000);
  t.equal(silent.socket.state, 'destroyed');
});

await t.test('of a session that was never here nothing is said, for it may well be alive', async (t) => {
  const server = readOnlyServer();
  const sessionId = 0x0300_0000_0000_0077n as SessionId;
  const client = server.open();
  client.sendConnect({ ...READING, sessionId, passwd: sessionPassword(sessionId) });
  server.settle();
  t.equal(client.socket.take().length, 0);
  t.equal(client.socket.state, 'destroyed');
});

await t.test('nor of any to who has the wrong password, and nobody gets one by it', async (t) => {
  const server = readOnlyServer();
  const holder = server.connect(READING);
  const elsewhere = 0x0300_0000_0000_0077n as SessionId;
  for (const sessionId of [holder.session, elsewhere]) {
    for (const passwd of [new Uint8Array(16), new Uint8Array(0), null]) {
      const client = server.open();
      client.sendConnect({ ...READING, sessionId, passwd });
      server.settle();
      t.equal(client.socket.take().length, 0, 'that it has expired is not said, for it has not');
      t.equal(client.socket.state, 'destroyed');
    }
  }
  t.equal(holder.socket.state, 'open', 'who holds it does not notice');
});

await t.test('nor does it serve who has seen more', async (t) => {
  const server = readOnlyServer();
  const client = server.open();
  client.sendConnect({ ...READING, lastZxidSeen: (server.tree.lastProcessedZxid + 1) as Zxid });
  server.settle();
  t.equal(client.socket.take().length, 0);
});
