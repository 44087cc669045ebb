import t from 'tap';
import { makeZxid, COUNTER_MAX } from '../base/zxid.ts';
import { DataTree } from '../tree/data-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { readAcl } from '../wire/records/acl.ts';
import { readCreate2Response, writeCreateTtlRequest } from '../wire/records/create.ts';
import { readMultiResponse } from '../wire/records/multi-response.ts';
import type { MultiOp } from '../wire/records/multi-request.ts';
import {
  OPEN_ACL,
  ascii,
  auth,
  create,
  multi,
  pathOnly,
  pathVersion,
  pathWatch,
  setAcl,
  setData,
  setWatches,
} from './testing/bodies.ts';
import { requestFrame, type Reply } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

const codesOf = (replies: readonly { err: number }[]): number[] => replies.map((reply) => reply.err);

await t.test('a node keeps its own bytes and not the socket’s', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  // A Buffer, which is what sockets hand out; its slice() is a view of the same memory.
  const chunk = Buffer.concat([
    requestFrame(1, OpCode.create, create('/a', 'created')),
    requestFrame(2, OpCode.create, create('/b', '')),
    requestFrame(3, OpCode.setData, setData('/b', 'changed')),
  ]);
  client.sendBytes(chunk);
  chunk.fill(0x21);
  server.settle();
  t.equal(Buffer.from(server.tree.get('/a')?.data ?? []).toString(), 'created');
  t.equal(Buffer.from(server.tree.get('/b')?.data ?? []).toString(), 'changed');
  for (const path of ['/a', '/b']) {
    const data = server.tree.get(path)?.data;
    t.equal(data?.buffer.byteLength, data?.length, 'no slab is kept alive');
  }
});

await t.test('a write that can’t be read leaves no trace and is answered −5 (trap 83)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  const entries = server.log.entries.length;
  const zxid = server.proposer.lastProposed;
  const whole = requestFrame(1, OpCode.create, create('/a', 'data'));
  // Cut at each byte of the body, the length put right.
  for (let end = 12; end < whole.length; end++) {
    const cut = whole.slice(0, end);
    new DataView(cut.buffer).setInt32(0, end - 4);
    client.sendBytes(cut);
  }
  server.settle();
  const replies = client.replies();
  t.equal(replies.length, whole.length - 12);
  t.ok(replies.every((reply) => reply.err === ErrorCode.marshallingError && reply.zxid === zxid));
  t.equal(server.log.entries.length, entries);
  t.equal(server.proposer.lastProposed, zxid);
  t.equal(server.tree.get('/a'), undefined);
});

await t.test(
  'a multi that can’t be read half way leaves nothing in what the next requests see',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    client.send(OpCode.multi, (writer) => {
      writer.int(OpCode.create);
      writer.bool(false);
      writer.int(-1);
      create('/a')(writer);
      writer.int(OpCode.setAcl);
      writer.bool(false);
      writer.int(-1);
    });
    client.send(OpCode.create, create('/a'));
    server.settle();
    t.same(codesOf(client.replies()), [ErrorCode.marshallingError, ErrorCode.ok]);
  },
);

await t.test('a read that can’t be read is answered −5 in its turn, as Apache does', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  const before = client.send(OpCode.create, create('/a'));
  const bad = client.send(OpCode.getData, (writer) => writer.int(1000));
  const after = client.send(OpCode.exists, pathWatch('/a'));
  server.settle();
  t.same(
    client.replies().map(({ xid, err }) => [xid, err]),
    [
      [before, ErrorCode.ok],
      [bad, ErrorCode.marshallingError],
      [after, ErrorCode.ok],
    ],
  );
  t.equal(client.socket.state, 'open');
});

await t.test(
  'a type that is no client’s gets −6, zxid −1, and the end (trap 84, B27, ZOOKEEPER-2623)',
  async (t) => {
    for (const type of [OpCode.notification, OpCode.check, OpCode.createSession, OpCode.error, 20, 99, -2]) {
      const server = new TestServer();
      const client = server.connect();
      const entries = server.log.entries.length;
      const xid = 2;
      client.sendBytes(
        Buffer.concat([
          requestFrame(1, OpCode.create, create('/before')),
          requestFrame(xid, type, pathVersion('/')),
          requestFrame(3, OpCode.create, create('/after')),
        ]),
      );
      server.settle();
      t.same(
        client.replies().map(({ xid, zxid, err }) => ({ xid, zxid, err })),
        [{ xid, zxid: -1, err: ErrorCode.unimplemented }],
      );
      t.equal(client.socket.state, 'ended');
      t.equal(server.tree.get('/after'), undefined, 'nothing is executed after the end (B54)');
      t.equal(server.log.entries.length, entries + 1);
    }
  },
);

await t.test('setWatches echoes the xid it came with, −8 or a client’s own (go-zk)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.setWatches, setWatches(0, {}), SpecialXid.setWatches);
  client.send(OpCode.setWatches, setWatches(0, {}), 5);
  client.ping();
  server.settle();
  const { lastProcessedZxid } = server.tree;
  t.same(
    client.replies().map(({ xid, zxid, err }) => [xid, zxid, err]),
    [SpecialXid.setWatches, 5, SpecialXid.ping].map((xid) => [xid, lastProcessedZxid, 0]),
  );
});

await t.test('a failed write consumes a zxid and stands in the log as an error txn', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  const zxid = server.proposer.lastProposed;
  client.send(OpCode.delete, pathVersion('/none'));
  server.settle();
  const [reply] = client.replies();
  t.equal(reply?.err, ErrorCode.noNode);
  t.equal(reply?.zxid, zxid + 1);
  t.equal(server.tree.lastProcessedZxid, zxid + 1);
  const entry = server.log.entries.at(-1);
  t.same(entry?.txn, { type: OpCode.error, err: ErrorCode.noNode });
  t.equal(entry?.digest, null);
});

await t.test('every txn but an error carries the digest of the tree after it', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/a'));
  client.send(OpCode.create, create('/a/b', 'x'));
  client.send(OpCode.setData, setData('/a', 'y'));
  client.send(OpCode.delete, pathVersion('/a/b'));
  server.settle();
  const { high, low } = server.tree.digest;
  const sum = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  t.equal(server.log.entries.at(-1)?.digest?.treeDigest, sum);
  t.ok(server.log.entries.every((entry) => entry.digest?.version === 2));
});

await t.test(
  'a txn longer than a log reader takes is refused before anybody has seen it (B28, ZOOKEEPER-3496)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    for (let i = 0; i < 30; i++) client.send(OpCode.auth, auth('digest', `user${i}:x`), SpecialXid.auth);
    server.settle();
    client.replies();
    server.log.txnSizeMax = 400;
    // `auth` becomes thirty entries in the txn.
    client.send(OpCode.create, create('/a', '', 0, [{ perms: 31, scheme: 'auth', id: '' }]));
    client.send(OpCode.create, create('/a', ''));
    client.send(OpCode.getData, pathWatch('/a'));
    server.settle();
    t.same(codesOf(client.replies()), [ErrorCode.marshallingError, 0, 0]);
    t.same(server.tree.get('/')?.cversion, 1, 'the refused create did not count');
    const { high, low } = server.tree.digest;
    t.equal(
      server.log.entries.at(-1)?.digest?.treeDigest,
      BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)),
    );
  },
);

await t.test('without the right to administer, getACL shows no password’s digest', async (t) => {
  const server = new TestServer();
  const bob = server.connect();
  bob.send(OpCode.auth, auth('digest', 'bob:secret'), SpecialXid.auth);
  const acl = [
    { perms: 16, scheme: 'digest', id: 'bob:secret' },
    { perms: 1, scheme: 'world', id: 'anyone' },
  ];
  bob.send(OpCode.create, create('/a', '', 0, acl));
  bob.send(OpCode.getAcl, pathOnly('/a'));
  server.settle();
  t.same(bob.replies().at(-1)?.body.vector(readAcl), acl);
  const ann = server.connect();
  ann.send(OpCode.getAcl, pathOnly('/a'));
  server.settle();
  t.same(ann.replies().at(-1)?.body.vector(readAcl)?.[0], { perms: 16, scheme: 'digest', id: 'bob:x' });
});

await t.test('permissions are asked of the node that the table names', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  const none = [{ perms: 0, scheme: 'world', id: 'anyone' }];
  client.send(OpCode.create, create('/a'));
  client.send(OpCode.create, create('/a/b'));
  client.send(OpCode.setAcl, setAcl('/a', none));
  server.settle();
  client.replies();
  client.send(OpCode.create, create('/a/c'));
  client.send(OpCode.delete, pathVersion('/a/b'));
  client.send(OpCode.setData, setData('/a', ''));
  client.send(OpCode.setAcl, setAcl('/a', OPEN_ACL));
  client.send(OpCode.getData, pathWatch('/a', true));
  client.send(OpCode.exists, pathWatch('/a', true));
  client.send(OpCode.getChildren, pathWatch('/a', true));
  client.send(OpCode.getChildren2, pathWatch('/a', true));
  client.send(OpCode.getAcl, pathOnly('/a'));
  server.settle();
  t.same(
    codesOf(client.replies()),
    Array.from({ length: 9 }, () => ErrorCode.noAuth),
  );
  t.equal(server.tree.watchCount, 0, 'who may not read may not watch');
  client.send(OpCode.setData, setData('/a/b', ''));
  client.send(OpCode.sync, pathOnly('/nowhere'));
  client.send(OpCode.delete, pathVersion('/a'));
  server.settle();
  t.same(codesOf(client.replies()), [0, 0, ErrorCode.notEmpty]);
});

await t.test('sync answers with its path, exists of a missing node with −101 and no body', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.sync, pathOnly('/nowhere'));
  client.send(OpCode.exists, pathWatch('/nowhere'));
  client.send(OpCode.exists, pathWatch('/no\u0000where'));
  client.send(OpCode.getData, pathWatch('not a path'));
  server.settle();
  const replies = client.replies();
  t.same(codesOf(replies), [0, ErrorCode.noNode, ErrorCode.badArguments, ErrorCode.noNode]);
  t.equal(replies[0]?.body.string(), '/nowhere');
  t.ok(replies.slice(1).every((reply) => reply.body.remaining === 0));
});

await t.test(
  'a failing multi: header 0, 0 before the failure, its code, −2 after; nothing done (trap 24)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    client.send(OpCode.exists, pathWatch('/m', true));
    const ops: MultiOp[] = [
      { type: OpCode.create, request: { path: '/m', data: ascii('1'), acl: OPEN_ACL, flags: 0 } },
      { type: OpCode.setData, request: { path: '/m', data: ascii('2'), version: 0 } },
      { type: OpCode.check, request: { path: '/m', version: 7 } },
      { type: OpCode.delete, request: { path: '/m', version: -1 } },
    ];
    const zxid = server.proposer.lastProposed;
    client.send(OpCode.multi, multi(ops));
    server.settle();
    const replies = client.replies();
    t.equal(replies.length, 2, 'and no event (trap 53)');
    const [, reply] = replies;
    t.equal(reply?.err, 0);
    t.equal(reply?.zxid, zxid + 1);
    const results = reply === undefined ? [] : readMultiResponse(reply.body);
    t.same(
      results.map((result) => result.type === OpCode.error && result.response.err),
      [0, 0, ErrorCode.badVersion, ErrorCode.runtimeInconsistency],
    );
    t.equal(server.tree.get('/m'), undefined);
    const txn = server.log.entries.at(-1)?.txn;
    t.same(txn?.type === OpCode.multi && txn.txns.map((sub) => sub.type), [
      OpCode.create,
      OpCode.setData,
      OpCode.error,
      OpCode.error,
    ]);
  },
);

await t.test('an op of a multi sees those before it, and each result is as its own op left it', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(
    OpCode.multi,
    multi([
      { type: OpCode.create2, request: { path: '/m', data: ascii('1'), acl: OPEN_ACL, flags: 0 } },
      { type: OpCode.setData, request: { path: '/m', data: ascii('22'), version: 0 } },
      { type: OpCode.create, request: { path: '/m/s', data: null, acl: OPEN_ACL, flags: 2 } },
      { type: OpCode.create, request: { path: '/m/s', data: null, acl: OPEN_ACL, flags: 2 } },
      { type: OpCode.setData, request: { path: '/m', data: ascii('333'), version: 1 } },
      { type: OpCode.check, request: { path: '/m', version: 2 } },
    ]),
  );
  client.send(OpCode.multi, multi([]));
  server.settle();
  const [reply, empty] = client.replies();
  const results = reply === undefined ? [] : readMultiResponse(reply.body);
  t.same(
    results.map((result) => result.type),
    [15, 5, 1, 1, 5, 13],
  );
  const [made] = results;
  t.match(made, { response: { path: '/m', stat: { version: 0, dataLength: 1, numChildren: 0 } } });
  const lengths = results.map((result) =>
    result.type === OpCode.setData ? result.response.stat.dataLength : null,
  );
  t.same([lengths[1], lengths[4]], [2, 3]);
  t.same(
    results.map((result) => result.type === OpCode.create && result.response.path),
    [false, false, '/m/s0000000000', '/m/s0000000001', false, false],
  );
  t.equal(empty?.err, 0);
  t.same(empty === undefined ? null : readMultiResponse(empty.body), []);
});

await t.test('a standalone server’s counter runs on into the epoch, as Apache’s does', async (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  tree.lastProcessedZxid = makeZxid(0, COUNTER_MAX - 1);
  const server = new TestServer({ tree });
  const client = server.connect({ lastZxidSeen: tree.lastProcessedZxid });
  client.send(OpCode.create, create('/a'));
  server.settle();
  t.same(
    client.replies().map(({ zxid, err }) => [zxid, err]),
    [[makeZxid(1, 0), 0]],
  );
});

await t.test('what four-letter words answer is sent before the end, also when it is nothing', async (t) => {
  const words = new Map<string, readonly Uint8Array[]>([
    ['ruok', [ascii('imok')]],
    ['none', []],
    ['more12', [ascii('3'), ascii('4')]],
  ]);
  const server = new TestServer({
    answerWord: (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      if (text.startsWith('more') && text.length < 6) return 'incomplete';
      return words.get(text) ?? 'no-word';
    },
  });
  for (const [word, answer] of words) {
    const client = server.open();
    for (const byte of ascii(word)) client.sendBytes(Uint8Array.of(byte));
    server.settle();
    t.same(Buffer.from(client.socket.take()), Buffer.concat(answer));
    t.equal(client.socket.state, 'ended');
  }
});

function requestOf(path: string, flags: number) {
  return { path, data: ascii('12'), acl: OPEN_ACL, flags };
}

await t.test(
  'createContainer and createTTL are answered with a stat, in a multi as create2 (trap 25)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    client.send(OpCode.createContainer, create('/c', 'abc', 4));
    client.send(OpCode.createTtl, (writer) =>
      writeCreateTtlRequest(writer, { ...requestOf('/t', 5), ttl: 1000 }),
    );
    client.send(
      OpCode.multi,
      multi([
        { type: OpCode.createContainer, request: requestOf('/c/c', 4) },
        { type: OpCode.createTtl, request: { ...requestOf('/c/t', 6), ttl: 1000 } },
      ]),
    );
    server.settle();
    const [container, ttl, both] = client.replies() as [Reply, Reply, Reply];
    t.match(readCreate2Response(container.body), { path: '/c', stat: { dataLength: 3, ephemeralOwner: 0n } });
    t.match(readCreate2Response(ttl.body), { path: '/t', stat: { dataLength: 2, ephemeralOwner: 0n } });
    t.match(readMultiResponse(both.body), [
      { type: OpCode.create2, response: { path: '/c/c', stat: { dataLength: 2 } } },
      { type: OpCode.create2, response: { path: '/c/t0000000001' } },
    ]);
  },
);

await t.test('createTTL with a flag that has none, or without a time, is refused (trap 82)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  const ask = (flags: number, ttl: number): void => {
    client.send(OpCode.createTtl, (writer) =>
      writeCreateTtlRequest(writer, { path: `/t${flags}`, data: null, acl: OPEN_ACL, flags, ttl }),
    );
  };
  for (const flags of [0, 1, 2, 3, 4, 7]) ask(flags, -1);
  for (const ttl of [0, -1, 2 ** 40]) ask(5, ttl);
  server.settle();
  t.same(
    client.replies().map(({ err }) => err),
    Array.from({ length: 9 }, () => ErrorCode.badArguments),
  );
  t.equal(server.tree.get('/t5'), undefined);
  ask(5, 2 ** 40 - 1);
  server.settle();
  t.ok(server.tree.get('/t5'));
});
