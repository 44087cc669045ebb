import t from 'tap';
import { Prng } from '../base/prng.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { applyTxn } from '../pipeline/apply-txn.ts';
import { OPEN_ACL } from '../pipeline/testing/bodies.ts';
import {
  PreparedTree,
  SESSION,
  contentOf,
  create,
  proposeRandom,
  remove,
  setData,
} from '../pipeline/testing/prepared-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { readStat, type Stat } from '../wire/records/stat.ts';
import { DataTree } from './data-tree.ts';
import { WatchEventType, type Watcher } from './watch-manager.ts';
import { CONTAINER_OWNER, ttlOwner, writeNodeStat, type Znode } from './znode.ts';

function statOf(tree: DataTree, path: string): Stat {
  const writer = new JuteWriter();
  writeNodeStat(writer, tree.get(path) as Znode);
  return readStat(new JuteReader(writer.bytes()));
}

const z = (counter: number): Zxid => counter as Zxid;

await t.test(
  'cversion as §9 has it: children made and deleted, of which the suffix counts the first',
  async (t) => {
    const target = new PreparedTree();
    for (const path of ['/p', '/p/a', '/p/b']) target.run(create(path));
    target.run(remove('/p/a'));
    t.equal(target.tree.get('/p')?.cversion, 2);
    const stat = statOf(target.tree, '/p');
    t.equal(stat.cversion, 3);
    t.equal(stat.numChildren, 1);
    t.match(target.run(create('/p/s', 2)), { path: '/p/s0000000002' });
  },
);

await t.test('a node that was just looked up and is deleted, or made again, is not found as it was', (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  const make = (): void => void tree.create('/a', null, OPEN_ACL, NO_SESSION, -1, z(1), 1);
  make();
  const first = tree.get('/a');
  tree.delete('/a', z(2));
  t.equal(tree.get('/a'), undefined);
  make();
  t.ok(tree.get('/a'));
  t.not(tree.get('/a'), first);
  t.end();
});

await t.test('the root of a fresh server has cversion −1 (trap 35)', async (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  t.equal(statOf(tree, '/').cversion, -1);
  t.equal(tree.nodeCount, 5);
});

await t.test(
  'create and delete of a child move cversion and pzxid, setData and setACL do not (trap 34, 36)',
  async (t) => {
    const target = new PreparedTree();
    target.run(create('/p'));
    const made = statOf(target.tree, '/p');
    t.match(made, { version: 0, cversion: 0, aversion: 0, pzxid: made.czxid });
    target.run(create('/p/a'));
    const zxid = target.lastZxid;
    t.match(statOf(target.tree, '/p'), { cversion: 1, pzxid: zxid, mzxid: made.mzxid, mtime: made.mtime });
    target.run(setData('/p/a', 'x'));
    target.run((preparer, context) => preparer.setAcl({ path: '/p/a', acl: OPEN_ACL, version: 0 }, context));
    t.match(statOf(target.tree, '/p'), { cversion: 1, pzxid: zxid });
    const child = statOf(target.tree, '/p/a');
    t.match(child, { version: 1, aversion: 1, pzxid: child.czxid });
    t.equal(child.mzxid, target.lastZxid - 1, 'setACL is not a modification');
    target.run(remove('/p/a'));
    t.match(statOf(target.tree, '/p'), { cversion: 2, numChildren: 0, pzxid: target.lastZxid });
  },
);

await t.test('null data and empty data are two things, of the same length', async (t) => {
  const target = new PreparedTree();
  target.run(create('/null', 0, null));
  target.run(create('/empty', 0, new Uint8Array(0)));
  t.equal(target.tree.get('/null')?.data, null);
  t.same(target.tree.get('/empty')?.data, new Uint8Array(0));
  t.equal(statOf(target.tree, '/null').dataLength, 0);
});

await t.test('containers and TTL nodes show no owner and are no session’s (trap 41)', async (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  tree.create('/c', null, OPEN_ACL, CONTAINER_OWNER, 1, z(1), 1);
  tree.create('/t', null, OPEN_ACL, ttlOwner(5000), 2, z(2), 1);
  tree.create('/e', null, OPEN_ACL, SESSION, 3, z(3), 1);
  t.same(
    ['/c', '/t', '/e'].map((path) => statOf(tree, path).ephemeralOwner),
    [NO_SESSION, NO_SESSION, SESSION],
  );
  t.equal(tree.ephemeralCount, 1);
});

await t.test('int32 counters wrap, and a wrapped cversion counts as raised (trap 2)', async (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  tree.create('/p', null, OPEN_ACL, NO_SESSION, 1, z(1), 1);
  tree.create('/p/a', null, OPEN_ACL, NO_SESSION, 2 ** 31 - 1, z(2), 1);
  tree.create('/p/b', null, OPEN_ACL, NO_SESSION, -(2 ** 31), z(3), 1);
  t.match(tree.get('/p'), { cversion: -(2 ** 31), pzxid: 3 });
  t.equal(statOf(tree, '/p').cversion, -2, '2 * MIN_INT - 2, as int32');
});

await t.test('events: the table of §1.8, row by row', async (t) => {
  const target = new PreparedTree();
  const { tree } = target;
  const events: [number, string, number][] = [];
  const watcher: Watcher = { onWatchEvent: (type, path, zxid) => events.push([type, path, zxid]) };
  const watchAll = (): void => {
    for (const path of ['/p', '/p/a']) {
      tree.dataWatches.add(path, watcher);
      tree.childWatches.add(path, watcher);
    }
  };
  target.run(create('/p'));
  const steps: [Parameters<PreparedTree['run']>[0], [number, string][]][] = [
    [
      create('/p/a'),
      [
        [WatchEventType.nodeCreated, '/p/a'],
        [WatchEventType.nodeChildrenChanged, '/p'],
      ],
    ],
    [setData('/p/a', 'x'), [[WatchEventType.nodeDataChanged, '/p/a']]],
    [(preparer, context) => preparer.setAcl({ path: '/p/a', acl: OPEN_ACL, version: -1 }, context), []],
    // One NodeDeleted, though the connection is in both tables (trap 50).
    [
      remove('/p/a'),
      [
        [WatchEventType.nodeDeleted, '/p/a'],
        [WatchEventType.nodeChildrenChanged, '/p'],
      ],
    ],
  ];
  for (const [step, expected] of steps) {
    watchAll();
    events.length = 0;
    target.run(step);
    t.same(
      events,
      expected.map(([type, path]) => [type, path, target.lastZxid]),
    );
    tree.removeWatcher(watcher);
  }
  t.equal(tree.watchCount, 0);
});

/** A fresh tree to which a log is applied as a restart does it: digests computed, nothing adopted. */
function replayed(target: PreparedTree, ...ranges: [from: number, to: number][]): PreparedTree {
  const fresh = new PreparedTree();
  for (const [from, to] of ranges) {
    for (const { header, txn } of target.history.slice(from, to)) applyTxn(fresh, header, txn, 0);
  }
  return fresh;
}

await t.test(
  'a log applied from any earlier state on, twice or from further back, gives the same tree',
  async (t) => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = new Prng(seed);
      const target = new PreparedTree();
      for (let i = 0; i < 120; i++) {
        proposeRandom(target, random);
        if (random.below(3) === 0) target.apply();
      }
      target.apply();
      const { length } = target.history;
      const expected = contentOf(target.tree);
      t.strictSame(contentOf(replayed(target, [0, length]).tree), expected, `seed ${seed}: replayed`);
      t.strictSame(
        contentOf(replayed(target, [0, length], [0, length]).tree),
        expected,
        `seed ${seed}: applied twice`,
      );
      const to = random.below(length);
      const from = random.below(to + 1);
      t.strictSame(
        contentOf(replayed(target, [0, to], [from, length]).tree),
        expected,
        `seed ${seed}: ${to} applied, then again from ${from}`,
      );
      if (!t.passing()) return;
    }
  },
);

await t.test('a child that a fuzzy snapshot shows below a parent made again comes back to it', async (t) => {
  const target = new PreparedTree();
  target.run(create('/p'));
  target.run(remove('/p'));
  target.run(create('/p'));
  target.run(create('/p/c', 1));
  const twice = replayed(target, [0, 4], [0, 4]);
  t.same([...(twice.tree.get('/p')?.children ?? [])], ['c']);
  t.equal(twice.tree.ephemeralCount, 1);
  t.strictSame(contentOf(twice.tree), contentOf(target.tree));
});

await t.test(
  'replaying a create over a later node replaces its ACL and lowers nothing (B24, B25, ZOOKEEPER-3125, 3249, 3306)',
  async (t) => {
    const tree = new DataTree({ digestEnabled: true });
    tree.createSystemNodes();
    const other = [{ perms: 1, scheme: 'world', id: 'anyone' }];
    tree.create('/p', null, OPEN_ACL, NO_SESSION, 1, z(1), 1);
    tree.create('/p/a', null, OPEN_ACL, NO_SESSION, 1, z(2), 1);
    tree.create('/p/b', null, OPEN_ACL, NO_SESSION, 2, z(3), 1);
    t.equal(tree.create('/p/a', null, other, NO_SESSION, 1, z(2), 1), ErrorCode.nodeExists);
    t.match(tree.get('/p'), { cversion: 2, pzxid: 3 });
    t.same(tree.acls.listOf(tree.get('/p/a')?.aclId ?? 0), other);
    tree.delete('/p/b', z(4));
    t.equal(tree.delete('/p/b', z(4)), ErrorCode.noNode);
    t.equal(tree.delete('/p/x', z(3)), ErrorCode.noNode);
    t.equal(tree.get('/p')?.pzxid, 4);
    t.equal(tree.setData('/none', null, 1, z(5), 1), ErrorCode.noNode);
    t.equal(tree.setAcl('/none', OPEN_ACL, 1), ErrorCode.noNode);
  },
);

await t.test('a closeSession that names nothing takes what is the session’s all the same', async (t) => {
  const target = new PreparedTree();
  for (const path of ['/e1', '/e2']) target.run(create(path, 1));
  target.run(create('/other', 1), 7n as SessionId);
  const header = { clientId: SESSION, cxid: 0, zxid: z(9), time: 0, type: -11 };
  applyTxn(target, header, { type: -11, paths2Delete: null }, 0);
  t.equal(target.tree.get('/e1'), undefined);
  t.equal(target.tree.get('/e2'), undefined);
  t.not(target.tree.get('/other'), undefined);
  t.equal(target.tree.ephemeralCount, 1);
  t.not(target.tree.lastProcessedZxid, ZXID_ZERO);
});

await t.test(
  'the configuration is shown by each server on its own: no version, no digest, no watch',
  async (t) => {
    const tree = new DataTree({ digestEnabled: true });
    tree.createSystemNodes();
    const { high, low } = tree.digest;
    const before = tree.approximateDataSize;
    for (const text of ['server.1=a', 'server.1=longer', 'server.1=b']) tree.showConfig(text, z(0), 17);
    const stat = statOf(tree, '/zookeeper/config');
    t.match(stat, { version: -1, aversion: -1, mzxid: 0, mtime: 17, dataLength: 10 });
    t.equal(tree.approximateDataSize, before + 10);
    t.match(tree.digest, { high, low });
    t.equal(tree.lastProcessedZxid, ZXID_ZERO);
  },
);
