import { sessionPassword } from '../session/session-password.ts';
import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { RingQueue } from '../base/ring-queue.ts';
import { Turn } from '../base/turn.ts';
import { makeZxid } from '../base/zxid.ts';
import { SessionTracker } from '../session/session-tracker.ts';
import { AccessControl } from '../tree/acl.ts';
import { DataTree } from '../tree/data-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { OpCode } from '../wire/opcode.ts';
import { readMultiResponse } from '../wire/records/multi-response.ts';
import type { ForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import type { SubTxn, Txn } from '../wire/txns/txn.ts';
import { ClientConnection } from './client-connection.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { Forwarder } from './forwarder.ts';
import type { LoggedTxn } from './pending-write.ts';
import { ServerCore } from './server-core.ts';
import { create, multi, OPEN_ACL, pathWatch } from './testing/bodies.ts';
import { TEST_AUTHENTICATOR, TEST_PROVIDERS } from './testing/test-auth.ts';
import { TestClient, type Reply } from './testing/test-client.ts';

/** A server that follows: what it forwards is noted, and what the leader says is the test's to say. */
class Follower {
  readonly forwarded: (ForwardedRequest & { readonly ids: number })[] = [];
  readonly revalidated: SessionId[] = [];
  readonly tree = new DataTree({ digestEnabled: false });
  readonly sessions = new SessionTracker({ tickMs: 1000, nowMs: 0 });
  readonly forwarder: Forwarder;
  readonly core: ServerCore;
  readonly #logged = new RingQueue<LoggedTxn>();
  /** The counter of what the leader has sent last. */
  lastLogged = 0;
  #counter = 0;
  #session = 0x0200_0000_0000_0000n;

  constructor() {
    this.tree.createSystemNodes();
    const turn = new Turn({ monotonicMs: () => 0, wallMs: () => 0 }, () => undefined);
    this.forwarder = new Forwarder({
      line: {
        forward: (request, ids) => {
          // The body is a view, good during the call only.
          this.forwarded.push({ ...request, body: request.body.slice(), ids: ids?.length ?? -1 });
        },
        revalidate: (session) => this.revalidated.push(session),
      },
      sessions: this.sessions,
      turn,
      lastLogged: () => makeZxid(1, this.lastLogged),
      limits: DEFAULT_LIMITS,
    });
    this.core = new ServerCore({
      tree: this.tree,
      sessions: this.sessions,
      access: new AccessControl({ providers: TEST_PROVIDERS, skipAcl: false }),
      authenticator: TEST_AUTHENTICATOR,
      writes: this.forwarder,
      logged: this.#logged,
      turn,
      answerWord: () => 'no-word',
      passwordOf: sessionPassword,
      counters: {
        packetsReceived: 0,
        authFailedCount: 0,
        readDone: () => undefined,
        updateDone: () => undefined,
        responseSent: () => undefined,
        batchWritten: () => undefined,
        electionDone: () => undefined,
        snapshotWritten: () => undefined,
      },
      onBadBytes: () => undefined,
      onApplied: () => undefined,
      frameBytesMax: 1 << 20,
      limits: DEFAULT_LIMITS,
      minSessionTimeoutMs: 2000,
      maxSessionTimeoutMs: 20_000,
      sessionlessTimeoutMs: 10_000,
      nextSessionId: () => this.#session++ as SessionId,
    });
  }

  open(): TestClient {
    const client = new TestClient();
    const connection = new ClientConnection(this.core, client.socket);
    client.attach(connection);
    this.core.onConnectionOpened(connection);
    return client;
  }

  /** A txn comes back from the leader, durable and committed. */
  apply(clientId: SessionId, cxid: number, txn: Txn): void {
    const zxid = makeZxid(1, ++this.#counter);
    this.lastLogged = Math.max(this.lastLogged, this.#counter);
    this.#logged.push({
      type: 'write',
      header: { clientId, cxid, zxid, time: 1, type: txn.type },
      txn,
      isPreparedHere: false,
      connection: null,
      xid: cxid,
      opcode: txn.type,
      receivedAtMs: 0,
      size: 0,
      forwardedAfter: null,
      statWanted: null,
    });
    this.core.applyThrough(zxid);
    this.core.endTurn();
  }

  connect(): TestClient {
    const client = this.open();
    client.sendConnect();
    const request = this.forwarded.at(-1);
    this.apply(request?.sessionId ?? NO_SESSION, 0, { type: OpCode.createSession, timeOut: 10_000 });
    client.connectResponse();
    this.forwarded.length = 0;
    return client;
  }
}

function created(path: string): Txn {
  return { type: OpCode.create, path, data: null, acl: OPEN_ACL, ephemeral: false, parentCVersion: -1 };
}

await t.test('a session is asked for at the leader, and there when its txn comes back', async (t) => {
  const follower = new Follower();
  const client = follower.open();
  client.sendConnect({ timeOut: 6000 });
  const [request] = follower.forwarded;
  t.match(request, { type: OpCode.createSession, cxid: 0, ids: -1 });
  t.equal(new JuteReader(request?.body as Uint8Array).int(), 6000);
  follower.core.endTurn();
  t.equal(client.socket.take().length, 0);
  follower.apply(request?.sessionId as SessionId, 0, { type: OpCode.createSession, timeOut: 6000 });
  t.equal(client.connectResponse().sessionId, request?.sessionId);
});

await t.test('a session of another server’s is the leader’s to judge', async (t) => {
  for (const isAlive of [true, false]) {
    const follower = new Follower();
    const client = follower.connect();
    const again = follower.open();
    again.sendConnect({ sessionId: client.session, passwd: client.password });
    t.same(follower.revalidated, [client.session]);
    t.equal(client.socket.state, 'destroyed', 'what it would still ask for the leader must not hear (C2)');
    client.send(OpCode.create, create('/late'));
    t.same(follower.forwarded, []);
    follower.core.onRevalidated(client.session, isAlive);
    follower.core.endTurn();
    t.equal(again.connectResponse().sessionId, isAlive ? client.session : NO_SESSION);
    follower.core.onRevalidated(client.session, isAlive);
  }
});

await t.test('a wrong password does not come as far as the leader', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  const again = follower.open();
  again.sendConnect({ sessionId: client.session, passwd: new Uint8Array(16) });
  t.same(follower.revalidated, []);
});

await t.test('a write is forwarded as it came, with who asks for it, and answered in its turn', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  const xid = client.send(OpCode.create, create('/a', 'data'));
  const read = client.send(OpCode.exists, pathWatch('/a'));
  const [request] = follower.forwarded;
  t.match(request, { type: OpCode.create, cxid: xid, sessionId: client.session, ids: 1 });
  t.ok((request?.body.length ?? 0) > 10);
  follower.core.endTurn();
  t.same(client.replies(), [], 'the read waits behind the write');
  follower.apply(client.session, xid, created('/a'));
  t.same(
    client.replies().map((reply) => [reply.xid, reply.err]),
    [
      [xid, ErrorCode.ok],
      [read, ErrorCode.ok],
    ],
  );
});

await t.test('txns of other sessions and of other requests are applied and answer nobody here', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  const xid = client.send(OpCode.create, create('/a'));
  follower.apply(99n as SessionId, xid, created('/b'));
  follower.apply(client.session, xid + 50, created('/c'));
  t.same(client.replies(), []);
  t.ok(follower.tree.get('/b') !== undefined && follower.tree.get('/c') !== undefined);
  follower.apply(client.session, xid, created('/a'));
  t.equal(client.replies().length, 1);
});

await t.test(
  'what the session asked for through an earlier connection answers nothing of this one',
  async (t) => {
    const follower = new Follower();
    const client = follower.connect();
    // It is proposed, through another server, before the client comes here and counts its requests anew.
    follower.lastLogged = 5;
    const xid = client.send(OpCode.create, create('/mine'));
    follower.apply(client.session, xid, created('/elsewhere'));
    t.same(client.replies(), []);
    for (let i = 0; i < 3; i++) follower.apply(99n as SessionId, 1, created(`/x${i}`));
    follower.apply(client.session, xid, created('/mine'));
    t.equal(client.replies().length, 1);
  },
);

await t.test(
  'a body that cannot be read is not forwarded: an Apache leader would stumble over it',
  async (t) => {
    const follower = new Follower();
    const client = follower.connect();
    const xid = client.send(OpCode.create, (writer) => writer.int(1 << 20));
    t.same(follower.forwarded, []);
    follower.core.endTurn();
    t.match(client.replies(), [{ xid, err: ErrorCode.marshallingError }]);
  },
);

await t.test('a session that has moved loses its connection here without an answer', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  const xid = client.send(OpCode.create, create('/a'));
  follower.apply(client.session, xid, { type: OpCode.error, err: ErrorCode.sessionMoved });
  t.equal(client.socket.state, 'destroyed');
  t.same(client.replies(), []);
});

await t.test('an error txn is an answer like any other', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  const xid = client.send(OpCode.create, create('/a/b'));
  follower.apply(client.session, xid, { type: OpCode.error, err: ErrorCode.noNode });
  t.match(client.replies(), [{ xid, err: ErrorCode.noNode }]);
});

await t.test('a sync is answered when the leader has said so, in the order of the requests', async (t) => {
  const follower = new Follower();
  const [a, b] = [follower.connect(), follower.connect()];
  const sync = a.send(OpCode.sync, (writer) => writer.string('/'));
  const read = a.send(OpCode.exists, pathWatch('/'));
  const other = b.send(OpCode.sync, (writer) => writer.string('/'));
  t.match(follower.forwarded, [
    { type: OpCode.sync, cxid: sync },
    { type: OpCode.sync, cxid: other },
  ]);
  follower.core.endTurn();
  t.same(a.replies(), []);
  follower.core.onSynced();
  follower.core.endTurn();
  t.same(
    a.replies().map(({ xid }) => xid),
    [sync, read],
  );
  t.same(b.replies(), []);
  follower.core.onSynced();
  follower.core.onSynced();
  follower.core.endTurn();
  t.same(
    b.replies().map(({ xid }) => xid),
    [other],
  );
});

await t.test('who goes away keeps its place among the syncs, and is not answered', async (t) => {
  const follower = new Follower();
  const [a, b] = [follower.connect(), follower.connect()];
  a.send(OpCode.sync, (writer) => writer.string('/'));
  const other = b.send(OpCode.sync, (writer) => writer.string('/'));
  a.connection.onClosed();
  follower.core.onSynced();
  follower.core.endTurn();
  t.same(b.replies(), []);
  follower.core.onSynced();
  follower.core.endTurn();
  t.same(
    b.replies().map(({ xid }) => xid),
    [other],
  );
});

await t.test(
  'sessions that were heard from are told once, with their timeouts, and only known ones',
  async (t) => {
    const follower = new Follower();
    const [a, b] = [follower.connect(), follower.connect()];
    a.ping();
    b.ping();
    a.ping();
    follower.forwarder.touch(99n as SessionId);
    t.same(
      [...follower.forwarder.takeTouched()],
      [
        [a.session, 10_000],
        [b.session, 10_000],
      ],
    );
    t.same([...follower.forwarder.takeTouched()], []);
  },
);

await t.test('a follower ends no session and reaps no container', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  follower.forwarder.expire();
  follower.forwarder.reap();
  t.same(follower.forwarded, []);
  t.equal(client.socket.state, 'open');
});

await t.test(
  'a close is forwarded without a body; the answer is the last thing on the connection',
  async (t) => {
    const follower = new Follower();
    const client = follower.connect();
    const xid = client.send(OpCode.closeSession);
    t.match(follower.forwarded, [{ type: OpCode.closeSession, cxid: xid }]);
    t.equal(follower.forwarded[0]?.body.length, 0);
    follower.apply(client.session, xid, { type: OpCode.closeSession, paths2Delete: [] });
    t.match(client.replies(), [{ xid, err: ErrorCode.ok }]);
    t.equal(client.socket.state, 'ended');
  },
);

const createRequest = (path: string) => ({ path, data: null, acl: OPEN_ACL, flags: 0 });

await t.test('who asked for create2 in a multi gets the stat, though the txn is a create', async (t) => {
  const follower = new Follower();
  const client = follower.connect();
  const cxid = client.send(
    OpCode.multi,
    multi([
      { type: OpCode.create, request: createRequest('/a') },
      { type: OpCode.create2, request: createRequest('/a/b') },
      { type: OpCode.delete, request: { path: '/a/b', version: -1 } },
      { type: OpCode.create2, request: createRequest('/c') },
    ]),
  );
  const txns = [created('/a'), created('/a/b'), { type: OpCode.delete, path: '/a/b' }, created('/c')];
  follower.apply(client.session, cxid, { type: OpCode.multi, txns: txns as SubTxn[] });
  const [reply] = client.replies() as [Reply];
  const results = readMultiResponse(reply.body);
  t.same(
    results.map(({ type }) => type),
    [OpCode.create, OpCode.create2, OpCode.delete, OpCode.create2],
  );
  t.match(results[1], { response: { path: '/a/b', stat: { numChildren: 0, version: 0 } } });
  t.equal(reply.body.remaining, 0);
});
