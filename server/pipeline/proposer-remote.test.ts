import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { SessionOwners } from '../session/session-owners.ts';
import { sessionPassword } from '../session/session-password.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { WireError } from '../wire/wire-error.ts';
import type { RemoteRequest } from './proposer.ts';
import { create } from './testing/bodies.ts';
import { TestServer } from './testing/test-server.ts';

type Body = (writer: JuteWriter) => void;

const SESSION = 0x0200_0000_0000_0001n as SessionId;

function leader() {
  const owners = new SessionOwners();
  const server = new TestServer({ owners });
  const ask = (
    owner: object,
    opcode: number,
    body: Body | undefined,
    request: Partial<RemoteRequest> = {},
  ): void => {
    const writer = new JuteWriter();
    body?.(writer);
    const ids = [{ scheme: 'ip', id: '10.0.0.9' }];
    server.proposer.submitRemote(
      { session: SESSION, xid: 1, opcode, ids, owner, ...request },
      new JuteReader(writer.bytes().slice()),
    );
  };
  const createSession = (owner: object): void => {
    ask(owner, OpCode.createSession, (writer) => writer.int(6000));
    server.settle();
  };
  /** The last txn, as everybody gets it. */
  const last = () => {
    const entry = server.log.entries.at(-1);
    if (entry === undefined) throw new Error('nothing was proposed');
    const { header, txn } = entry;
    return { session: header.clientId, xid: header.cxid, type: txn.type, err: 'err' in txn ? txn.err : 0 };
  };
  return { server, owners, ask, createSession, last };
}

await t.test('a learner’s request becomes a txn that its client is known by', async (t) => {
  const { server, ask, createSession, last } = leader();
  const link = {};
  createSession(link);
  t.equal(server.sessions.timeoutOf(SESSION), 6000);
  ask(link, OpCode.create, create('/a'), { xid: 17 });
  t.same(last(), { session: SESSION, xid: 17, type: OpCode.create, err: 0 });
  server.settle();
  t.ok(server.tree.get('/a') !== undefined);
});

await t.test(
  'what comes over an old connection of a session that has moved is refused, with a place in the order',
  async (t) => {
    const { server, ask, createSession, last } = leader();
    const [old, anew] = [{}, {}];
    createSession(old);
    t.ok(server.proposer.revalidate(SESSION, 8000, anew));
    t.equal(server.sessions.timeoutOf(SESSION), 8000);
    ask(old, OpCode.create, create('/a'), { xid: 3 });
    t.same(last(), { session: SESSION, xid: 3, type: OpCode.error, err: ErrorCode.sessionMoved });
    ask(old, OpCode.closeSession, undefined, { xid: 4 });
    t.equal(last().err, ErrorCode.sessionMoved);
    ask(anew, OpCode.create, create('/b'));
    t.equal(last().err, 0);
    server.settle();
    t.ok(server.tree.get('/a') === undefined && server.tree.get('/b') !== undefined);
  },
);

await t.test(
  'a session that moves away from the leader loses its connection there without an answer',
  async (t) => {
    const { server } = leader();
    const client = server.connect();
    t.ok(server.proposer.revalidate(client.session, 8000, {}));
    client.send(OpCode.create, create('/a'));
    server.settle();
    t.equal(client.socket.state, 'destroyed');
    t.same(client.replies(), []);
    t.ok(server.tree.get('/a') === undefined);
  },
);

await t.test('a session that was never there, was closed or is being closed is expired', async (t) => {
  const { server, ask, createSession, last } = leader();
  const link = {};
  ask(link, OpCode.create, create('/a'));
  t.equal(last().err, ErrorCode.sessionExpired);
  createSession(link);
  ask(link, OpCode.closeSession, undefined);
  ask(link, OpCode.create, create('/a'));
  t.equal(last().err, ErrorCode.sessionExpired);
  t.notOk(server.proposer.revalidate(SESSION, 6000, {}), 'nobody can go on with it elsewhere');
  server.settle();
  ask(link, OpCode.create, create('/a'));
  t.equal(last().err, ErrorCode.sessionExpired);
});

await t.test(
  'a body that cannot be read leaves no trace, and can then be refused in its place',
  async (t) => {
    const { server, ask, createSession, last } = leader();
    const link = {};
    createSession(link);
    const before = server.log.entries.length;
    t.throws(() => ask(link, OpCode.create, (writer) => writer.int(1 << 20)), WireError);
    t.throws(() => ask(link, OpCode.createSession, undefined), WireError);
    t.equal(server.log.entries.length, before);
    server.proposer.refuseRemote({ session: SESSION, xid: 5, opcode: OpCode.create, ids: [], owner: link });
    t.same(last(), { session: SESSION, xid: 5, type: OpCode.error, err: ErrorCode.marshallingError });
    ask(link, OpCode.create, create('/a'));
    t.equal(last().err, 0, 'and the next one is prepared as if nothing had been');
    server.settle();
  },
);

await t.test('what no client may ask for is refused, whatever a learner lets through', async (t) => {
  for (const opcode of [OpCode.check, OpCode.deleteContainer, OpCode.error, OpCode.ping, 4711]) {
    const { server, ask, createSession, last } = leader();
    const link = {};
    createSession(link);
    ask(link, opcode, undefined, { xid: 9 });
    t.same(
      last(),
      { session: SESSION, xid: 9, type: OpCode.error, err: ErrorCode.unimplemented },
      `${opcode}`,
    );
    server.settle();
    t.ok(server.sessions.isAlive(SESSION), 'and its session lives');
  }
});

await t.test('of a session that is closed, by whomever, no owner is kept', async (t) => {
  const { server, owners, ask, createSession } = leader();
  const link = {};
  createSession(link);
  ask(link, OpCode.closeSession, undefined);
  server.settle();
  t.ok(owners.isOwner(SESSION, {}), 'nobody was');
  owners.remove(SESSION);
  createSession(link);
  server.advance(20_000);
  t.notOk(server.sessions.has(SESSION), 'it expired');
  t.ok(owners.isOwner(SESSION, {}));
});

await t.test('closed in the middle of what it does it proposes nothing more', async (t) => {
  const { server, ask } = leader();
  for (let i = 0; i < 3; i++) {
    ask({}, OpCode.createSession, (writer) => writer.int(4000), {
      session: (SESSION + BigInt(i)) as SessionId,
    });
  }
  server.settle();
  const before = server.log.entries.length;
  const end = server.log.end.bind(server.log);
  // As when the zxid just given out was the last of its epoch.
  server.log.end = () => {
    server.proposer.close();
    return end();
  };
  server.advance(20_000);
  t.equal(server.log.entries.length, before + 1);
  server.sessions.restartClocks(server.nowMs);
  t.ok(
    server.sessions.isAlive((SESSION + 2n) as SessionId),
    'who was not closed lives on under the next leader',
  );
});

await t.test('that a session is gone is said when a quorum has confirmed it (C11)', async (t) => {
  const { server, last } = leader();
  server.holdsFlushes = true;
  const client = server.open();
  client.sendConnect({ sessionId: SESSION, passwd: sessionPassword(SESSION) });
  server.settle();
  t.equal(client.socket.take().length, 0);
  t.equal(client.socket.state, 'open');
  t.same(last(), { session: SESSION, xid: 0, type: OpCode.error, err: ErrorCode.sessionExpired });
  server.holdsFlushes = false;
  server.settle();
  t.match(client.connectResponse(), { sessionId: NO_SESSION, timeOut: 0 });

  const before = server.log.entries.length;
  t.notOk(server.proposer.revalidate(SESSION, 8000, {}), 'another server’s client');
  t.equal(server.log.entries.length, before + 1, 'whose answer waits for it as well');
});
