import t from 'tap';
import { Prng } from '../base/prng.ts';
import type { SessionId } from '../base/session-id.ts';
import {
  PreparedTree,
  contentOf,
  create,
  proposeRandom,
  remove,
  setData,
} from '../pipeline/testing/prepared-tree.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { readAcl } from '../wire/records/acl.ts';
import { readStatPersisted } from '../wire/records/stat-persisted.ts';
import { DataTree } from './data-tree.ts';
import { parentOf } from './path.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** A tree as a reader of the file makes it. */
function treeOf(head: Uint8Array, nodes: Uint8Array, view: SnapshotView): DataTree {
  const tree = new DataTree({ digestEnabled: true });
  const reader = new JuteReader(head);
  for (let i = reader.int(); i > 0; i--) {
    reader.sessionId();
    reader.int();
  }
  for (let i = reader.int(); i > 0; i--) tree.acls.restore(reader.long(), reader.vector(readAcl) ?? []);
  const content = new JuteReader(nodes);
  const seen = new Set<string>();
  while (content.remaining > 0) {
    const path = content.string();
    const data = content.buffer();
    const aclId = content.long();
    if (seen.has(path)) throw new Error(`${path} stands in the snapshot twice`);
    seen.add(path);
    if (path !== '' && !seen.has(parentOf(path) === '/' ? '' : parentOf(path))) {
      throw new Error(`${path} stands before its parent`);
    }
    if (!tree.acls.has(aclId)) throw new Error(`the ACL of ${path} is not in the table (B25)`);
    const stat = readStatPersisted(content);
    tree.restoreNode(path, data, aclId, { ...stat, ephemeralOwner: stat.ephemeralOwner as SessionId });
  }
  tree.lastProcessedZxid = view.zxid;
  return tree;
}

function headOf(view: SnapshotView): Uint8Array {
  const writer = new JuteWriter();
  view.writeHead(writer);
  return writer.bytes().slice();
}

await t.test(
  'written in slices while the tree moves on, it is the tree as it was at its zxid (B22, B24, B25, ZOOKEEPER-3127, 3145, 3306)',
  async (t) => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Prng(seed);
      const target = new PreparedTree();
      for (let i = random.below(150); i > 0; i--) proposeRandom(target, random);
      target.apply(random.below(150));
      const expected = contentOf(target.tree);
      const view = target.tree.beginSnapshot(target.sessions.timeouts());
      const writer = new JuteWriter();
      let isDone = false;
      for (let slices = 0; !isDone; slices++) {
        for (let i = random.below(20); i > 0; i--) proposeRandom(target, random);
        target.apply(random.below(20));
        isDone = view.writeNodes(writer, slices > 50 ? 1 << 20 : random.below(300));
      }
      t.equal(target.tree.isSnapshotting, false);
      const read = treeOf(headOf(view), writer.bytes(), view);
      t.strictSame(contentOf(read), expected, `seed ${seed}`);
      t.match(view.digest, { high: read.digest.high, low: read.digest.low });
      if (!t.passing()) return;
    }
  },
);

await t.test('the replay of what came after it makes the tree of today', async (t) => {
  const target = new PreparedTree();
  for (const path of ['/a', '/a/b', '/c']) target.run(create(path));
  const view = target.tree.beginSnapshot([]);
  target.run(remove('/a/b'));
  target.run(remove('/a'));
  target.run(create('/a'));
  target.run(setData('/c', 'new'));
  const writer = new JuteWriter();
  while (!view.writeNodes(writer, 1));
  const read = treeOf(headOf(view), writer.bytes(), view);
  t.same([...(read.get('/a')?.children ?? [])], ['b']);
  t.equal(read.get('/c')?.version, 0);
});

await t.test('a view given up makes room for the next, and not for the one after it', async (t) => {
  const target = new PreparedTree();
  for (const path of ['/a', '/b', '/c']) target.run(create(path));
  const first = target.tree.beginSnapshot([]);
  const nodes = new JuteWriter();
  while (!first.writeNodes(nodes, 1 << 20));
  const expected = contentOf(target.tree);
  const second = target.tree.beginSnapshot([]);
  // The first one's nodes are written; its file could not be renamed.
  first.cancel();
  t.equal(target.tree.isSnapshotting, true);
  target.run(setData('/b', 'later'));
  target.run(remove('/c'));
  const writer = new JuteWriter();
  while (!second.writeNodes(writer, 1));
  t.strictSame(contentOf(treeOf(headOf(second), writer.bytes(), second)), expected);

  const third = target.tree.beginSnapshot([]);
  third.cancel();
  t.equal(target.tree.isSnapshotting, false);
  t.throws(() => {
    target.tree.beginSnapshot([]);
    target.tree.beginSnapshot([]);
  });
});
