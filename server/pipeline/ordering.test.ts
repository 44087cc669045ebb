import t from 'tap';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import {
  create,
  multi,
  OPEN_ACL,
  pathOnly,
  pathVersion,
  pathWatch,
  setAcl,
  setData,
  setWatches,
  auth,
} from './testing/bodies.ts';
import { TestServer } from './testing/test-server.ts';

const createOp = (path: string) => ({
  type: OpCode.create,
  request: { path, data: null, acl: OPEN_ACL, flags: 0 },
});

await t.test('nothing of a write is answered before its flush has come back (B13, D1)', async (t) => {
  const server = new TestServer();
  const [writer, watcher] = [server.connect(), server.connect()];
  watcher.send(OpCode.exists, pathWatch('/a', true));
  server.settle();
  watcher.received();
  server.holdsFlushes = true;
  writer.send(OpCode.create, create('/a'));
  watcher.send(OpCode.exists, pathWatch('/a'));
  server.settle();
  t.equal(writer.socket.take().length, 0);
  t.same(
    watcher.replies().map((reply) => reply.err),
    [-101],
    'nor seen by others',
  );
  t.equal(server.tree.lastProcessedZxid, server.proposer.lastProposed - 1);
  server.log.complete();
  server.settle();
  t.same(writer.received(), ['1']);
  t.same(watcher.received(), [`1 /a ${server.tree.lastProcessedZxid}`]);
});

await t.test('one flush answers for what it wrote, and not for what has gathered since', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  server.holdsFlushes = true;
  client.send(OpCode.create, create('/a'));
  client.send(OpCode.create, create('/b'));
  server.settle();
  client.send(OpCode.create, create('/c'));
  server.settle();
  server.log.complete();
  server.settle();
  t.same(client.received(), ['1', '2']);
  t.equal(server.tree.get('/c'), undefined);
  server.log.complete();
  server.settle();
  t.same(client.received(), ['3']);
});

await t.test(
  'replies come in the order of the requests, ping and setWatches in their places (trap 26)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    server.holdsFlushes = true;
    client.send(OpCode.create, create('/a'));
    client.send(OpCode.getData, pathWatch('/a'));
    client.ping();
    client.send(OpCode.setData, setData('/a', 'x'));
    client.send(OpCode.setWatches, setWatches(0, {}), SpecialXid.setWatches);
    client.send(OpCode.sync, pathOnly('/'));
    client.send(OpCode.delete, pathVersion('/none'));
    client.send(OpCode.getChildren, pathWatch('/'));
    server.settle();
    t.equal(client.socket.take().length, 0);
    server.holdsFlushes = false;
    server.settle();
    t.same(client.received(), ['1', '2', '-2', '3', '-8', '4', '5', '6']);
  },
);

await t.test('a read shows its own writes before it and none after it', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.create, create('/a', '0'));
  for (let i = 1; i <= 5; i++) {
    client.send(OpCode.setData, setData('/a', String(i)));
    client.send(OpCode.getData, pathWatch('/a'));
  }
  server.settle();
  const reads = client.replies().filter((reply) => reply.xid > 1 && reply.xid % 2 === 1);
  t.same(
    reads.map((reply) => Buffer.from(reply.body.buffer() ?? []).toString()),
    ['1', '2', '3', '4', '5'],
  );
});

await t.test('a read waits for its own writes and for nobody else’s', async (t) => {
  const server = new TestServer();
  const [writer, reader] = [server.connect(), server.connect()];
  server.holdsFlushes = true;
  writer.send(OpCode.create, create('/a'));
  reader.send(OpCode.getChildren, pathWatch('/'));
  server.settle();
  t.same(reader.received(), ['1']);
});

await t.test('a reply’s zxid is the tree’s at the time, exactly (B52, C4)', async (t) => {
  const server = new TestServer();
  const [writer, reader] = [server.connect(), server.connect()];
  server.holdsFlushes = true;
  writer.send(OpCode.create, create('/a'));
  writer.send(OpCode.exists, pathWatch('/a'));
  writer.send(OpCode.setData, setData('/a', 'x'));
  writer.send(OpCode.exists, pathWatch('/a'));
  const before = server.tree.lastProcessedZxid;
  reader.send(OpCode.exists, pathWatch('/a'));
  reader.ping();
  server.settle();
  t.same(
    reader.replies().map((reply) => reply.zxid),
    [before, before],
  );
  server.holdsFlushes = false;
  server.settle();
  t.same(
    writer.replies().map((reply) => reply.zxid),
    [before + 1, before + 1, before + 2, before + 2],
  );
});

await t.test(
  'an event stands before the reply of the write that caused it, and before any that shows it (trap 52, C8)',
  async (t) => {
    const server = new TestServer();
    const [own, other] = [server.connect(), server.connect()];
    for (const client of [own, other]) {
      client.send(OpCode.exists, pathWatch('/a', true));
      client.send(OpCode.getChildren, pathWatch('/', true));
    }
    server.settle();
    for (const client of [own, other]) client.received();
    own.send(OpCode.create, create('/a'));
    own.send(OpCode.getData, pathWatch('/a', true));
    own.send(OpCode.setData, setData('/a', 'x'));
    server.settle();
    other.send(OpCode.getData, pathWatch('/a'));
    server.settle();
    const [z1, z2] = [server.tree.lastProcessedZxid - 1, server.tree.lastProcessedZxid];
    t.same(own.received(), [`1 /a ${z1}`, `4 / ${z1}`, '3', '4', `3 /a ${z2}`, '5']);
    t.same(other.received(), [`1 /a ${z1}`, `4 / ${z1}`, '3']);
  },
);

await t.test(
  'the events of a multi come in its order and all before its reply; a failed one has none (trap 53)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    client.send(OpCode.exists, pathWatch('/a', true));
    client.send(OpCode.exists, pathWatch('/b', true));
    server.settle();
    client.received();
    client.send(OpCode.multi, multi([createOp('/b'), createOp('/a'), createOp('/none/x')]));
    client.send(OpCode.multi, multi([createOp('/b'), createOp('/a')]));
    server.settle();
    const zxid = server.tree.lastProcessedZxid;
    t.same(client.received(), ['3', `1 /b ${zxid}`, `1 /a ${zxid}`, '4']);
  },
);

await t.test('who may not read a node is not told of it', async (t) => {
  const server = new TestServer();
  const [owner, stranger] = [server.connect(), server.connect()];
  owner.send(OpCode.auth, auth('digest', 'bob:x'), SpecialXid.auth);
  for (const client of [owner, stranger]) client.send(OpCode.exists, pathWatch('/secret', true));
  server.settle();
  for (const client of [owner, stranger]) client.received();
  owner.send(OpCode.create, create('/secret', '', 0, [{ perms: 31, scheme: 'digest', id: 'bob:x' }]));
  server.settle();
  t.equal(owner.received().length, 2);
  t.same(stranger.received(), []);
});

await t.test('of a watched node that is closed to the watcher, its deletion is not told', async (t) => {
  const server = new TestServer();
  const [owner, stranger] = [server.connect(), server.connect()];
  owner.send(OpCode.create, create('/a'));
  server.settle();
  stranger.send(OpCode.getData, pathWatch('/a', true));
  stranger.send(OpCode.getChildren, pathWatch('/', true));
  owner.send(OpCode.setAcl, setAcl('/a', [{ perms: 31, scheme: 'digest', id: 'bob:x' }]));
  owner.send(OpCode.delete, pathVersion('/a'));
  server.settle();
  t.same(stranger.received(), ['1', '2', `4 / ${server.tree.lastProcessedZxid}`]);
});

await t.test(
  'setWatches tells what was missed, with zxid −1 and before its reply, and watches the rest (C8)',
  async (t) => {
    const server = new TestServer();
    const client = server.connect();
    for (const path of ['/same', '/changed', '/parent', '/quiet', '/gone'])
      client.send(OpCode.create, create(path));
    server.settle();
    const since = server.tree.lastProcessedZxid;
    client.send(OpCode.setData, setData('/changed', 'x'));
    client.send(OpCode.create, create('/parent/child'));
    client.send(OpCode.delete, pathVersion('/parent/child'));
    client.send(OpCode.delete, pathVersion('/gone'));
    client.send(OpCode.create, create('/made'));
    server.settle();
    client.received();
    const lists = {
      data: ['/same', '/changed', '/gone'],
      exist: ['/made', '/notyet'],
      child: ['/quiet', '/parent', '/gone'],
    };
    client.send(OpCode.setWatches, setWatches(since, lists), SpecialXid.setWatches);
    server.settle();
    t.same(client.received(), [
      '3 /changed -1',
      '2 /gone -1',
      '1 /made -1',
      '4 /parent -1',
      '2 /gone -1',
      '-8',
    ]);
    t.equal(server.tree.dataWatches.count, 2);
    t.equal(server.tree.childWatches.count, 1);
    client.send(OpCode.setData, setData('/same', 'x'));
    client.send(OpCode.create, create('/notyet'));
    client.send(OpCode.create, create('/quiet/x'));
    server.settle();
    t.equal(client.received().length, 6);
  },
);

await t.test('a watch is for the one connection that set it, and goes with it (trap 48)', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.send(OpCode.exists, pathWatch('/a', true));
  client.send(OpCode.getChildren, pathWatch('/', true));
  client.send(OpCode.getData, pathWatch('/none', true));
  client.send(OpCode.getChildren, pathWatch('/none', true));
  server.settle();
  t.equal(server.tree.watchCount, 2, 'of a missing node exists alone may be told (trap 49, 56)');
  client.connection.onClosed();
  t.equal(server.tree.watchCount, 0);
});

await t.test('a turn’s replies leave in one piece', async (t) => {
  const server = new TestServer();
  const client = server.connect();
  client.socket.writes.length = 0;
  for (let i = 0; i < 50; i++) client.send(OpCode.exists, pathWatch('/'));
  server.settle();
  t.equal(client.socket.writes.length, 1);
  t.equal(client.replies().length, 50);
});

await t.test(
  'a ping is answered at once where nothing of its client waits, whatever others wait for (trap 17)',
  async (t) => {
    const server = new TestServer();
    const [busy, idle] = [server.connect(), server.connect()];
    server.holdsFlushes = true;
    busy.send(OpCode.create, create('/a'));
    idle.ping();
    server.settle();
    t.same(idle.received(), ['-2']);
    busy.ping();
    server.settle();
    t.same(busy.received(), [], 'and in its turn where something does');
    server.log.complete();
    server.settle();
    t.same(busy.received(), ['1', '-2']);
  },
);
