import t from 'tap';
import { Prng } from '../base/prng.ts';
import { PreparedTree, create, proposeRandom, remove } from '../pipeline/testing/prepared-tree.ts';
import { OpCode } from '../wire/opcode.ts';
import type { Acl } from '../wire/records/acl.ts';
import { AclCache, OPEN_ACL_ID } from './acl-cache.ts';

const OPEN: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];
const listOf = (id: string): Acl[] => [
  { perms: 31, scheme: 'digest', id },
  { perms: 31, scheme: 'world', id: 'anyone' },
];

await t.test('equal lists have one number, lists that differ anywhere have two', async (t) => {
  const acls = new AclCache();
  const id = acls.retain(listOf('a:b'));
  t.equal(acls.retain(listOf('a:b')), id);
  const others: Acl[][] = [
    listOf('a:c'),
    listOf('a:b').toReversed(),
    listOf('a:b').slice(0, 1),
    [{ perms: 31, scheme: 'diges', id: 'ta:b' }],
    [{ perms: 31, scheme: 'digest', id: null }],
    [{ perms: 31, scheme: 'digest', id: '' }],
  ];
  const ids = others.map((list) => acls.retain(list));
  t.equal(new Set([id, ...ids]).size, others.length + 1);
  for (const [i, list] of others.entries()) t.same(acls.listOf(ids[i] ?? 0), list);
});

await t.test('a list is kept as long as somebody uses it, the open one for ever', async (t) => {
  const acls = new AclCache();
  const id = acls.retain(listOf('a:b'));
  const open = acls.retain(OPEN);
  acls.retain(listOf('a:b'));
  acls.release(id);
  t.equal(acls.has(id), true);
  acls.release(id);
  t.equal(acls.has(id), false);
  acls.release(open);
  t.equal(acls.has(open), true);
  t.same([...acls.entries()], [[open, OPEN]]);
  t.not(acls.retain(listOf('a:b')), id, 'a number is not given to another list');
  t.same(acls.listOf(OPEN_ACL_ID), OPEN);
});

await t.test('a snapshot’s numbers are kept, and new ones are above them', async (t) => {
  const acls = new AclCache();
  acls.restore(7, listOf('a:b'));
  acls.restore(5, OPEN);
  acls.retainId(7);
  t.equal(acls.retain(listOf('a:b')), 7);
  t.equal(acls.retain(OPEN), 5);
  t.equal(acls.retain(listOf('c:d')), 8);
  acls.release(7);
  acls.release(7);
  t.equal(acls.has(7), false);
});

await t.test(
  'lists that come and go with nodes, failed multis and setACL leave nothing behind',
  async (t) => {
    const target = new PreparedTree();
    target.run(create('/kept'));
    const size = target.tree.acls.size;
    for (let i = 0; i < 300; i++) {
      const acl = (suffix: string): Acl[] => listOf(`user${i}${suffix}:x`);
      target.propose(create('/n', 0, null, acl('a')));
      target.propose((preparer, context) =>
        preparer.setAcl({ path: '/n', acl: acl('b'), version: -1 }, context),
      );
      target.propose((preparer, context) =>
        preparer.multi(
          [
            {
              type: OpCode.create,
              request: { path: '/m', data: null, acl: acl('c'), flags: 0 },
            },
            { type: OpCode.delete, request: { path: '/none', version: -1 } },
          ],
          context,
        ),
      );
      target.propose(remove('/n'));
      if (i % 7 === 0) target.apply(2);
    }
    target.apply();
    t.equal(target.tree.get('/n'), undefined);
    t.equal(target.tree.acls.size, size);
  },
);

await t.test('no node and no outstanding request is ever without its list', async (t) => {
  // `listOf` throws for one that is; every request looks at ACLs.
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Prng(seed);
    const target = new PreparedTree();
    for (let i = 0; i < 200; i++) {
      proposeRandom(target, random);
      if (random.below(2) === 0) target.apply(random.below(6));
    }
    target.apply();
    for (const path of ['/', '/a', '/a/b', '/b/c/a']) {
      const node = target.tree.get(path);
      if (node !== undefined) t.ok(target.tree.acls.has(node.aclId), `seed ${seed}: ${path}`);
    }
    t.ok(target.tree.acls.size <= 4, `seed ${seed}: ${target.tree.acls.size} lists`);
  }
});
