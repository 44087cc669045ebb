import t from 'tap';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { readMultiResponse } from '../wire/records/multi-response.ts';
import { writeMultiReadRequest } from '../wire/records/multi-request.ts';
import { AddWatchMode, WatcherType } from '../wire/records/watches.ts';
import {
  auth,
  create,
  multi,
  pathInt,
  pathVersion,
  pathWatch,
  setAcl,
  setData,
  setWatches,
} from './testing/bodies.ts';
import type { Reply } from './testing/test-client.ts';
import { TestServer } from './testing/test-server.ts';

const { persistent, persistentRecursive } = AddWatchMode;

await t.test('addWatch is answered with a body of four bytes (trap 23)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.addWatch, pathInt('/later', persistent));
  client.send(OpCode.addWatch, pathInt('/later', 2));
  server.settle();
  const [ok, refused] = client.replies() as [Reply, Reply];
  t.same([ok.err, ok.body.int(), ok.body.remaining], [ErrorCode.ok, 0, 0]);
  t.same([refused.err, refused.body.remaining], [ErrorCode.marshallingError, 0]);
});

await t.test('events of watches that stay, each before the reply to the write behind it (C8)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/p'));
  client.send(OpCode.addWatch, pathInt('/p', persistent));
  client.send(OpCode.addWatch, pathInt('/p', persistentRecursive));
  server.settle();
  client.received();
  const first = server.tree.lastProcessedZxid;
  client.send(OpCode.create, create('/p/c'));
  client.send(OpCode.setData, setData('/p/c', 'x'));
  client.send(OpCode.delete, pathVersion('/p/c'));
  server.settle();
  t.same(client.received(), [
    `1 /p/c ${first + 1}`,
    `4 /p ${first + 1}`,
    '4',
    `3 /p/c ${first + 2}`,
    '5',
    `2 /p/c ${first + 3}`,
    `4 /p ${first + 3}`,
    '6',
  ]);
});

await t.test('of a multi that failed nothing is told (trap 53)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.addWatch, pathInt('/', persistentRecursive));
  const data = new Uint8Array(0);
  client.send(
    OpCode.multi,
    multi([
      { type: OpCode.create, request: { path: '/a', data, acl: [], flags: 0 } },
      { type: OpCode.delete, request: { path: '/absent', version: -1 } },
    ]),
  );
  server.settle();
  t.same(client.received(), ['1', '2']);
});

await t.test('below a node one may read there can be nodes one may not (CVE-2024-23944)', async (t) => {
  const server = new TestServer();
  const [owner, stranger] = [server.connect(), server.connect()];
  stranger.send(OpCode.addWatch, pathInt('/', persistentRecursive));
  const acl = [{ perms: 31, scheme: 'digest', id: 'bob:x' }];
  owner.send(OpCode.create, create('/secret', '', 0, acl));
  owner.send(OpCode.create, create('/open'));
  owner.send(OpCode.setAcl, setAcl('/open', acl));
  owner.send(OpCode.delete, pathVersion('/open'));
  server.settle();
  t.same(stranger.received(), ['1', `1 /open ${server.tree.lastProcessedZxid - 2}`]);
});

await t.test('a watch is found and ended by the way it watches (trap 55)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/p'));
  client.send(OpCode.getData, pathWatch('/p', true));
  client.send(OpCode.getChildren, pathWatch('/p', true));
  client.send(OpCode.addWatch, pathInt('/p', persistent));
  client.send(OpCode.addWatch, pathInt('/p', persistentRecursive));
  server.settle();
  client.received();
  const answers = (op: number, types: readonly number[]): number[] => {
    for (const type of types) client.send(op, pathInt('/p', type));
    server.settle();
    return client.replies().map(({ err }) => err);
  };
  const { children, data, any, persistent: stays, persistentRecursive: below } = WatcherType;
  const ways = [children, data, stays, below];
  t.same(answers(OpCode.checkWatches, [...ways, any, 6]), [0, 0, 0, 0, 0, ErrorCode.marshallingError]);
  t.same(answers(OpCode.removeWatches, ways), [0, 0, 0, 0]);
  t.same(answers(OpCode.removeWatches, [...ways, any]), Array(5).fill(ErrorCode.noWatcher));
  t.same(answers(OpCode.removeWatches, [0]), [ErrorCode.marshallingError]);
  t.equal(server.tree.watchCount, 0);
  client.send(OpCode.addWatch, pathInt('/p', persistent));
  t.same(answers(OpCode.removeWatches, [any, any]).slice(1), [0, ErrorCode.noWatcher]);
  t.equal(server.tree.watchCount, 0, 'of both tables');
});

await t.test('setWatches2 puts back watches that stay, and has nothing to tell of them', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/p'));
  client.send(OpCode.setWatches2, (writer) => {
    writer.long(0);
    for (const paths of [[], [], [], ['/p'], ['/']]) writer.strings(paths);
  });
  client.send(OpCode.setData, setData('/p', 'x'));
  server.settle();
  t.same(client.received(), ['1', '2', `3 /p ${server.tree.lastProcessedZxid}`, '3']);
});

await t.test('each read of a multiRead fails for itself, and none leaves a watch (trap 24)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/a', 'data'));
  client.send(OpCode.create, create('/closed', '', 0, [{ perms: 31, scheme: 'digest', id: 'bob:x' }]));
  client.send(OpCode.multiRead, (writer) =>
    writeMultiReadRequest(writer, [
      { type: OpCode.getData, request: { path: '/a', watch: true } },
      { type: OpCode.getData, request: { path: '/absent', watch: true } },
      { type: OpCode.getChildren, request: { path: '/closed', watch: true } },
      { type: OpCode.getChildren, request: { path: '/', watch: true } },
    ]),
  );
  client.send(OpCode.multiRead, (writer) => writeMultiReadRequest(writer, []));
  server.settle();
  const [, , reply, empty] = client.replies() as [Reply, Reply, Reply, Reply];
  t.equal(reply.err, ErrorCode.ok);
  const [data, absent, closed, children] = readMultiResponse(reply.body);
  t.match(data, { type: OpCode.getData, response: { data: new TextEncoder().encode('data') } });
  t.match(absent, { type: OpCode.error, response: { err: ErrorCode.noNode } });
  t.match(closed, { type: OpCode.error, response: { err: ErrorCode.noAuth } });
  t.match(children, { type: OpCode.getChildren, response: { children: ['zookeeper', 'a', 'closed'] } });
  t.equal(reply.body.remaining, 0);
  t.same(readMultiResponse(empty.body), []);
  t.equal(server.tree.watchCount, 0);
});

await t.test('a watch that is put back on a node one may not read tells nothing of it', async (t) => {
  const server = new TestServer();
  const [owner, stranger] = [server.connect(), server.connect()];
  const acl = [{ perms: 31, scheme: 'digest', id: 'bob:x' }];
  owner.send(OpCode.auth, auth('digest', 'bob:x'), SpecialXid.auth);
  owner.send(OpCode.create, create('/secret', '', 0, acl));
  server.settle();
  const lists = { data: ['/secret'], child: ['/secret'], exist: ['/secret/later'] };
  const now = server.tree.lastProcessedZxid;
  for (const client of [owner, stranger]) {
    client.received();
    client.send(OpCode.setWatches, setWatches(now, lists), SpecialXid.setWatches);
  }
  server.settle();
  t.same(stranger.received(), ['-8']);
  t.same(owner.received(), ['-8']);
  owner.send(OpCode.setData, setData('/secret', 'x'));
  owner.send(OpCode.create, create('/secret/later', '', 0, acl));
  server.settle();
  t.same(stranger.received(), []);
  t.equal(owner.received().length, 2 + 3, 'who may read it is told, of the three watches');
});
