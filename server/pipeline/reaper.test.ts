import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { makeZxid } from '../base/zxid.ts';
import { DataTree } from '../tree/data-tree.ts';
import { CONTAINER_OWNER, ttlOwner } from '../tree/znode.ts';
import { nodesToReap } from './reaper.ts';

const OPEN = [{ perms: 31, scheme: 'world', id: 'anyone' }];
const CREATED_AT = 1_000_000;

function treeWith(nodes: readonly (readonly [string, SessionId])[]): DataTree {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  nodes.forEach(([path, owner], i) =>
    tree.create(path, null, OPEN, owner, -1, makeZxid(0, i + 1), CREATED_AT),
  );
  return tree;
}

await t.test('a container goes when its last child has gone, and not before it had one', async (t) => {
  const tree = treeWith([
    ['/never-used', CONTAINER_OWNER],
    ['/in-use', CONTAINER_OWNER],
    ['/in-use/child', NO_SESSION],
    ['/left', CONTAINER_OWNER],
    ['/left/child', NO_SESSION],
  ]);
  tree.delete('/left/child', makeZxid(0, 9));
  t.same(nodesToReap(tree, CREATED_AT, 100), ['/left']);
});

await t.test('a TTL node goes when nothing has changed it for its time', async (t) => {
  const tree = treeWith([
    ['/short', ttlOwner(1000)],
    ['/long', ttlOwner(5000)],
    ['/parent', ttlOwner(1000)],
    ['/parent/child', NO_SESSION],
    ['/touched', ttlOwner(1000)],
  ]);
  tree.setData('/touched', null, 1, makeZxid(0, 9), CREATED_AT + 900);
  t.same(nodesToReap(tree, CREATED_AT + 1000, 100), [], 'not at the moment itself');
  t.same(nodesToReap(tree, CREATED_AT + 1001, 100), ['/short']);
  t.same(nodesToReap(tree, CREATED_AT + 6000, 100), ['/short', '/long', '/touched']);
  t.same(nodesToReap(tree, CREATED_AT + 6000, 1), ['/short']);
});
