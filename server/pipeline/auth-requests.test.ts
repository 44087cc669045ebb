import t from 'tap';
import type { AuthId } from '../tree/acl.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import type { Authenticator, SaslExchange } from './authenticator.ts';
import { ascii, auth, create, pathWatch, sasl } from './testing/bodies.ts';
import { TEST_AUTHENTICATOR } from './testing/test-auth.ts';
import { requestFrame, type TestClient } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

const hasDigest = (ids: readonly AuthId[]): boolean => ids.some(({ scheme }) => scheme === 'digest');
const hasSasl = (ids: readonly AuthId[]): boolean => ids.some(({ scheme }) => scheme === 'sasl');
const codesOf = (replies: readonly { err: number }[]): number[] => replies.map((reply) => reply.err);

await t.test('auth is answered with zxid 0 and its own xid, ahead of what waits for the disk', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  server.holdsFlushes = true;
  client.send(OpCode.create, create('/a'));
  client.send(OpCode.auth, auth('digest', 'bob:x'), SpecialXid.auth);
  client.send(OpCode.auth, auth('digest', 'ann:x'), 77);
  server.settle();
  t.same(
    client.replies().map(({ xid, zxid, err }) => ({ xid, zxid, err })),
    [
      { xid: SpecialXid.auth, zxid: 0, err: 0 },
      { xid: 77, zxid: 0, err: 0 },
    ],
  );
  t.same(
    client.connection.ids.map((id) => id.id),
    ['127.0.0.1', 'bob:x', 'ann:x'],
  );
});

await t.test(
  'auth that is refused gets −115 and the end, and nothing after it is executed (B54)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    client.sendBytes(
      Buffer.concat([
        requestFrame(SpecialXid.auth, OpCode.auth, auth('sasl', '')),
        requestFrame(1, OpCode.create, create('/a')),
      ]),
    );
    server.settle();
    t.same(codesOf(client.replies()), [ErrorCode.authFailed]);
    t.equal(client.socket.state, 'ended');
    t.equal(server.proposer.lastProposed, server.tree.lastProcessedZxid);
    t.equal(server.tree.get('/a'), undefined);
  },
);

await t.test('auth that is cut off is not answered, and nothing after it is executed', async (t) => {
  const server = new TestServer({ authenticator: { ...TEST_AUTHENTICATOR, authenticate: () => 'cut-off' } });
  const client = server.connect();
  client.sendBytes(
    Buffer.concat([
      requestFrame(SpecialXid.auth, OpCode.auth, auth('ensemble', 'theirs')),
      requestFrame(1, OpCode.create, create('/a')),
    ]),
  );
  server.settle();
  t.same(client.replies(), []);
  t.equal(client.socket.state, 'destroyed');
  t.equal(server.tree.get('/a'), undefined);
});

await t.test('who has to authenticate and has not gets −124 and the end, whatever it asks', async (t) => {
  const server = new TestServer({ authenticator: { ...TEST_AUTHENTICATOR, admits: hasDigest } });
  const member = server.connect();
  member.send(OpCode.auth, auth('digest', 'bob:x'), SpecialXid.auth);
  member.send(OpCode.create, create('/a'));
  member.ping();
  server.settle();
  t.same(codesOf(member.replies()), [ErrorCode.ok, ErrorCode.ok, ErrorCode.ok]);

  for (const [type, body] of [
    [OpCode.create, create('/b')],
    [OpCode.getData, pathWatch('/a')],
    [OpCode.ping, undefined],
    [OpCode.closeSession, undefined],
    [4711, undefined],
  ] as const) {
    const client = server.connect();
    client.sendBytes(
      Buffer.concat([requestFrame(5, type, body), requestFrame(6, OpCode.create, create('/c'))]),
    );
    server.settle();
    t.same(
      client.replies().map(({ xid, zxid, err }) => ({ xid, zxid, err })),
      [{ xid: 5, zxid: 0, err: ErrorCode.sessionClosedRequireSaslAuth }],
      String(type),
    );
    t.equal(client.socket.state, 'ended');
    t.ok(server.sessions.timeoutOf(client.session), 'its session may be gone on with');
  }
  t.equal(server.tree.get('/b') ?? server.tree.get('/c'), undefined);
});

/** Takes `challenge me`, then `bob` once. */
const beginSasl = (): SaslExchange => {
  let isChallenged = false;
  return {
    answer(token) {
      const text = String.fromCharCode(...token);
      if (text === 'challenge me') {
        isChallenged = true;
        return { token: ascii('challenge'), ids: [] };
      }
      return text === 'bob' && isChallenged
        ? { token: ascii('proof'), ids: [{ scheme: 'sasl', id: 'bob' }] }
        : null;
    },
  };
};

function saslServer(more: Partial<Authenticator> = {}): TestServer {
  return new TestServer({ authenticator: { ...TEST_AUTHENTICATOR, beginSasl, ...more } });
}

const saslAnswers = (client: TestClient) =>
  client.replies().map(({ xid, zxid, err, body }) => {
    const token = body.remaining === 0 ? 'none' : body.buffer();
    return [xid, zxid, err, token instanceof Uint8Array ? String.fromCharCode(...token) : token];
  });

await t.test('tokens are answered by one exchange for each connection, ahead of the disk', async (t) => {
  const server = saslServer();
  const client = server.connect();
  const other = server.connect();
  server.holdsFlushes = true;
  client.send(OpCode.create, create('/a'));
  client.send(OpCode.sasl, sasl('challenge me'));
  client.send(OpCode.sasl, sasl('bob'));
  other.send(OpCode.sasl, sasl('bob'));
  server.settle();
  t.same(saslAnswers(client), [
    [2, 0, 0, 'challenge'],
    [3, 0, 0, 'proof'],
  ]);
  t.same(client.connection.ids, [
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'sasl', id: 'bob' },
  ]);
  t.same(saslAnswers(other), [[1, 0, ErrorCode.authFailed, null]], 'another has not been challenged');
  t.equal(other.socket.state, 'ended');
});

await t.test(
  'who fails is sent away with a body behind the error, and nothing after it is executed',
  async (t) => {
    for (const saslFailure of [ErrorCode.authFailed, ErrorCode.sessionClosedRequireSaslAuth]) {
      const server = saslServer({ saslFailure });
      const client = server.connect();
      client.sendBytes(
        Buffer.concat([
          requestFrame(1, OpCode.sasl, sasl('eve')),
          requestFrame(2, OpCode.sasl, sasl('challenge me')),
          requestFrame(3, OpCode.create, create('/a')),
        ]),
      );
      server.settle();
      t.same(saslAnswers(client), [[1, 0, saslFailure, null]]);
      t.equal(client.socket.state, 'ended');
      t.equal(server.tree.get('/a'), undefined);
      t.equal(server.core.counters.authFailedCount, 1);
    }
  },
);

await t.test('who fails may stay where that is allowed, as who it was', async (t) => {
  const server = saslServer({ saslFailure: ErrorCode.ok });
  const client = server.connect();
  client.send(OpCode.sasl, sasl('eve'));
  client.send(OpCode.create, create('/a'));
  server.settle();
  t.same(saslAnswers(client).slice(0, 1), [[1, 0, 0, null]]);
  t.same(client.connection.ids, [{ scheme: 'ip', id: '127.0.0.1' }]);
  t.ok(server.tree.get('/a'));
});

await t.test('without SASL a token is answered by none; with it no token is none', async (t) => {
  const without = new TestServer();
  const client = without.connect();
  client.send(OpCode.sasl, sasl('bob'));
  client.send(OpCode.sasl, sasl(null));
  without.settle();
  t.same(saslAnswers(client), [
    [1, 0, 0, null],
    [2, 0, 0, null],
  ]);
  const server = saslServer();
  const silent = server.connect();
  silent.send(OpCode.sasl, sasl(null));
  server.settle();
  t.same(silent.replies(), []);
  t.equal(silent.socket.state, 'destroyed');
});

await t.test('who has to authenticate by SASL may', async (t) => {
  const server = saslServer({ admits: hasSasl });
  const client = server.connect();
  for (const token of ['challenge me', 'bob']) client.send(OpCode.sasl, sasl(token));
  client.send(OpCode.create, create('/a'));
  server.settle();
  t.same(codesOf(client.replies()), [0, 0, 0]);
});
