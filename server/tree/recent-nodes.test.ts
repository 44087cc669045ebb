import * as fc from 'fast-check';
import t from 'tap';
import { OPEN_ACL_ID } from './acl-cache.ts';
import { DataTree } from './data-tree.ts';
import { RecentNodes } from './recent-nodes.ts';
import { Znode } from './znode.ts';
import type { Zxid } from '../base/zxid.ts';

function nodeAt(path: string): Znode {
  return new Znode(path, null, OPEN_ACL_ID);
}

await t.test('a node is found by its path until it is forgotten', (t) => {
  const recent = new RecentNodes();
  const node = nodeAt('/a');
  t.equal(recent.find('/a'), null);
  recent.note(node, 1);
  t.equal(recent.find('/a'), node);
  t.equal(recent.find('/b'), null);
  recent.forget(nodeAt('/a'));
  t.equal(recent.find('/a'), node, 'another of that path is not it');
  recent.forget(node);
  t.equal(recent.find('/a'), null);
  t.end();
});

await t.test('there is more room the more nodes there are', (t) => {
  const recent = new RecentNodes();
  const nodes = Array.from({ length: 20_000 }, (_, i) => nodeAt(`/bench/k${i}`));
  const found = (): number => nodes.filter((node) => recent.find(node.path) === node).length;
  for (const node of nodes) recent.note(node, 100);
  t.ok(found() <= 1024);
  for (let round = 0; round < 2; round++) for (const node of nodes) recent.note(node, nodes.length);
  t.ok(found() > 17_000, `${found()} of 20,000 in 131,072 slots`);
  t.end();
});

await t.test('nobody finds the root by the path it has on disk', (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  t.not(tree.get('/'), undefined);
  t.not(tree.get('/zookeeper'), undefined);
  t.equal(tree.get(''), undefined);
  t.end();
});

await t.test(
  'a tree finds exactly the nodes it has, in whatever order they come, go and are asked for',
  (t) => {
    const paths = Array.from({ length: 12 }, (_, i) => `/n${i}`);
    const step = fc.tuple(fc.constantFrom('create', 'delete', 'get'), fc.constantFrom(...paths));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tree = new DataTree({ digestEnabled: true });
        tree.createSystemNodes();
        const there = new Set<string>();
        let zxid = 0;
        for (const [what, path] of steps) {
          const at = ++zxid as Zxid;
          if (what === 'create' && !there.has(path)) {
            tree.create(path, null, [], 0n as never, -1, at, 0);
            there.add(path);
          } else if (what === 'delete' && there.delete(path)) tree.delete(path, at);
          if (paths.some((one) => (tree.get(one)?.path ?? null) !== (there.has(one) ? one : null)))
            return false;
        }
        return true;
      }),
    );
    t.end();
  },
);
