import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { OPEN_ACL, ascii } from '../pipeline/testing/bodies.ts';
import {
  PreparedTree,
  SESSION,
  closeSession,
  create,
  remove,
  setData,
} from '../pipeline/testing/prepared-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import type { Acl } from '../wire/records/acl.ts';
import type { CreateRequest } from '../wire/records/create.ts';
import type { MultiOp } from '../wire/records/multi-request.ts';
import { DEFAULT_TREE_LIMITS } from './tree-limits.ts';
import { AccessControl } from './acl.ts';
import { RequestPreparer } from './prepare-request.ts';

const OTHER = (SESSION + 9n) as SessionId;
const NOTHING_ALLOWED: readonly Acl[] = [{ perms: 0, scheme: 'world', id: 'anyone' }];
const BAD_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'nobody' }];

/** /open, /open/child with a child of its own, /closed and below it the same where nothing is allowed, /eph. */
function prepared(): PreparedTree {
  const target = new PreparedTree();
  for (const path of [
    '/open',
    '/open/child',
    '/open/child/x',
    '/closed',
    '/closed/child',
    '/closed/child/x',
  ]) {
    target.run(create(path));
  }
  target.run(create('/eph', 1));
  for (const path of ['/closed', '/closed/child']) {
    target.run((preparer, context) => preparer.setAcl({ path, acl: NOTHING_ALLOWED, version: -1 }, context));
  }
  return target;
}

const request = (over: Partial<CreateRequest>): CreateRequest => ({
  path: '/open/new',
  data: null,
  acl: OPEN_ACL,
  flags: 0,
  ...over,
});

await t.test('create: of several things wrong, the first of the table is answered', async (t) => {
  const rows: [string, CreateRequest, number][] = [
    ['flags', request({ flags: 7, path: 'x', acl: [] }), ErrorCode.badArguments],
    ['negative flags', request({ flags: -1, path: 'x' }), ErrorCode.badArguments],
    ['a container’s flag', request({ flags: 4, acl: [] }), ErrorCode.badArguments],
    ['TTL, which is off', request({ flags: 5, path: 'x', acl: [] }), ErrorCode.unimplemented],
    ['TTL, which is off', request({ flags: 6 }), ErrorCode.unimplemented],
    ['no slash', request({ path: 'x', acl: [] }), ErrorCode.badArguments],
    ['NUL', request({ path: '/none/a\u0000', acl: [] }), ErrorCode.badArguments],
    ['ACL', request({ path: '/none/a', acl: [] }), ErrorCode.invalidAcl],
    ['null ACL', request({ path: '/none/a', acl: null }), ErrorCode.invalidAcl],
    ['bad ACL', request({ path: '/none/a', acl: BAD_ACL }), ErrorCode.invalidAcl],
    ['parent', request({ path: '/none/./a' }), ErrorCode.noNode],
    ['not authorised', request({ path: '/closed/.' }), ErrorCode.noAuth],
    ['not authorised, and there', request({ path: '/closed/child' }), ErrorCode.noAuth],
    ['whole path', request({ path: '/eph/.' }), ErrorCode.badArguments],
    ['exists', request({ path: '/open/child' }), ErrorCode.nodeExists],
    ['exists: the root', request({ path: '/' }), ErrorCode.nodeExists],
    ['parent ephemeral', request({ path: '/eph/a' }), ErrorCode.noChildrenForEphemerals],
    ['trailing slash, parent missing', request({ path: '/none/' }), ErrorCode.noNode],
  ];
  for (const [title, row, expected] of rows) {
    const target = prepared();
    t.equal(
      target.run((preparer, context) => preparer.create(row, OpCode.create, context)),
      expected,
      title,
    );
  }
});

await t.test('a trailing slash is the parent of a sequential node without a name', async (t) => {
  const target = prepared();
  t.match(target.run(create('/open/', 2)), { path: '/open/0000000001' });
});

await t.test('delete: parent, permission, node, version, children, in this order', async (t) => {
  const rows: [string, string, number, number][] = [
    ['no slash', 'x', 5, ErrorCode.badArguments],
    ['NUL', '/none/\u0000', 5, ErrorCode.badArguments],
    ['system', '/zookeeper', 5, ErrorCode.badArguments],
    ['system', '/', 5, ErrorCode.badArguments],
    ['parent', '/none/a', 5, ErrorCode.noNode],
    ['not authorised, node missing', '/closed/none', 5, ErrorCode.noAuth],
    ['not authorised', '/closed/child', 5, ErrorCode.noAuth],
    ['node', '/open/none', 5, ErrorCode.noNode],
    ['version', '/open/child', 5, ErrorCode.badVersion],
    ['children', '/open/child', 0, ErrorCode.notEmpty],
    ['children', '/open/child', -1, ErrorCode.notEmpty],
  ];
  for (const [title, path, version, expected] of rows) {
    t.equal(prepared().run(remove(path, version)), expected, `${title}: ${path}`);
  }
});

const withBadAcl = (path: string) =>
  prepared().run((preparer, context) => preparer.setAcl({ path, acl: BAD_ACL, version: 0 }, context));

await t.test('setData, setACL and check: path, node, permission, version', async (t) => {
  const rows: [string, number, number][] = [
    ['/a/', 5, ErrorCode.badArguments],
    ['', 5, ErrorCode.badArguments],
    ['/none', 5, ErrorCode.noNode],
    ['/closed', 5, ErrorCode.noAuth],
    ['/open', 5, ErrorCode.badVersion],
  ];
  for (const [path, version, expected] of rows) {
    const target = prepared();
    t.equal(target.run(setData(path, 'x', version)), expected, `setData ${path}`);
    t.equal(
      target.run((preparer, context) => preparer.check({ path, version }, context)),
      expected,
      `check ${path}`,
    );
    t.equal(
      target.run((preparer, context) => preparer.setAcl({ path, acl: OPEN_ACL, version }, context)),
      expected,
      `setACL ${path}`,
    );
  }
  t.equal(withBadAcl('/a/'), ErrorCode.badArguments);
  t.equal(withBadAcl('/none'), ErrorCode.invalidAcl, 'the list is looked at before the node');
});

await t.test('setACL compares with the version of the ACL, setData with that of the data', async (t) => {
  const target = prepared();
  target.run(setData('/open', 'x'));
  const setAcl = (version: number) =>
    target.run((preparer, context) => preparer.setAcl({ path: '/open', acl: OPEN_ACL, version }, context));
  t.equal(setAcl(1), ErrorCode.badVersion);
  t.match(setAcl(0), { version: 1 });
  t.match(target.run(setData('/open', 'y', 1)), { version: 2 });
});

await t.test(
  'requests are checked against what is outstanding, not against the tree (trap 38)',
  async (t) => {
    const target = prepared();
    t.match(target.propose(create('/n')), { path: '/n' });
    t.equal(target.propose(create('/n')), ErrorCode.nodeExists);
    t.match(target.propose(create('/n/a')), { path: '/n/a', parentCVersion: 1 });
    t.equal(target.propose(remove('/n')), ErrorCode.notEmpty);
    t.match(target.propose(remove('/n/a')), { path: '/n/a' });
    t.match(target.propose(remove('/n')), { path: '/n' });
    t.equal(target.propose(setData('/n', 'x')), ErrorCode.noNode);
    t.match(target.propose(create('/n')), { parentCVersion: 5 });
    t.match(target.propose(setData('/n', 'x', 0)), { version: 1 });
    t.equal(target.propose(setData('/n', 'x', 0)), ErrorCode.badVersion);
    t.equal(target.tree.get('/n'), undefined, 'none of it is applied');
    target.apply();
    t.match(target.tree.get('/n'), { version: 1, cversion: 0 });
  },
);

await t.test(
  'pipelined sequential creates get different numbers, never one twice (trap 37, C12)',
  async (t) => {
    const target = new PreparedTree();
    target.run(create('/q'));
    const suffixes: string[] = [];
    for (let i = 0; i < 20; i++) {
      const made = target.propose(create('/q/n-', 2));
      if (typeof made === 'object' && made.type === OpCode.create) {
        suffixes.push(made.path);
        if (i % 3 === 0) target.propose(remove(made.path));
      }
      if (i % 4 === 0) target.apply(2);
    }
    t.same(
      suffixes,
      Array.from({ length: 20 }, (_, i) => `/q/n-${String(i).padStart(10, '0')}`),
    );
  },
);

const op = {
  create: (path: string, flags = 0): MultiOp => ({
    type: OpCode.create,
    request: { path, data: ascii('d'), acl: OPEN_ACL, flags },
  }),
  remove: (path: string): MultiOp => ({ type: OpCode.delete, request: { path, version: -1 } }),
  setData: (path: string): MultiOp => ({ type: OpCode.setData, request: { path, data: null, version: -1 } }),
};

function multi(target: PreparedTree, ...ops: MultiOp[]) {
  return target.propose((preparer, context) => preparer.multi(ops, context));
}

await t.test(
  'a failed multi leaves neither changes nor digest behind, of what others wait for nothing lost',
  async (t) => {
    const target = prepared();
    target.propose(create('/out'));
    target.propose(setData('/out', 'first'));
    const before = { ...target.preparer.digest };
    const { outstandingCount } = target.preparer;
    multi(
      target,
      op.setData('/out'),
      op.create('/out/a'),
      op.create('/new'),
      op.remove('/out/a'),
      op.remove('/open/child/x'),
      op.remove('/none'),
    );
    t.match(target.preparer.digest, before);
    t.equal(target.preparer.outstandingCount, outstandingCount);
    t.match(target.propose(create('/new')), { path: '/new' });
    t.match(target.propose(setData('/out', 'second', 1)), { version: 2 }, 'the version before the multi');
    t.match(target.propose(create('/out/s', 2)), { path: '/out/s0000000000' });
    t.equal(target.propose(remove('/open/child')), ErrorCode.notEmpty);
    target.apply();
    t.match(target.tree.digest, { high: target.preparer.digest.high, low: target.preparer.digest.low });
  },
);

await t.test('rollBack undoes one request and nothing of those before it (B28)', async (t) => {
  const target = prepared();
  const context = { session: SESSION, ids: [], zxid: (target.lastZxid + 1) as never, time: 1 };
  const { preparer } = target;
  target.propose(create('/kept', 1));
  preparer.begin();
  const outstandingBefore = preparer.outstandingCount;
  const digest = { ...preparer.digest };
  preparer.setData({ path: '/kept', data: null, version: 0 }, context);
  preparer.delete({ path: '/kept', version: 1 }, context);
  preparer.create({ path: '/gone', data: null, acl: OPEN_ACL, flags: 1 }, OpCode.create, context);
  preparer.rollBack();
  t.match(preparer.digest, digest);
  t.equal(preparer.outstandingCount, outstandingBefore);
  t.match(target.propose(closeSession(SESSION)), { paths2Delete: ['/eph', '/kept'] });
});

await t.test(
  'closeSession takes all of the session’s ephemerals, outstanding ones too, in one txn (B50, C9)',
  async (t) => {
    const target = new PreparedTree();
    target.run(create('/old', 1));
    target.run(create('/gone', 1));
    target.run(create('/other', 1), OTHER);
    target.propose(create('/new', 1));
    target.propose(create('/brief', 1));
    target.propose(remove('/brief'));
    target.propose(remove('/gone'));
    target.propose(setData('/old', 'touched'), OTHER);
    t.match(target.propose(closeSession(SESSION)), { paths2Delete: ['/old', '/new'] });
    t.match(target.propose(create('/old')), { path: '/old' }, 'its names are free again');
    target.apply();
    t.same([...target.tree.ephemeralOwners()], [OTHER]);
  },
);

await t.test(
  'closeSession leaves alone a node that was deleted and made again for somebody else',
  async (t) => {
    const target = new PreparedTree();
    target.run(create('/lock', 1));
    target.propose(remove('/lock'), OTHER);
    target.propose(create('/lock', 1), OTHER);
    t.match(target.propose(closeSession(SESSION)), { paths2Delete: [] });
    target.apply();
    t.equal(target.tree.get('/lock')?.ephemeralOwner, OTHER);

    target.propose(remove('/lock'), OTHER);
    target.propose(create('/lock'), OTHER);
    t.match(target.propose(closeSession(OTHER)), { paths2Delete: [] });
    target.apply();
    t.equal(target.tree.get('/lock')?.ephemeralOwner, NO_SESSION);
  },
);

await t.test('a multi that makes and removes nodes over again leaves the digest right', async (t) => {
  const target = prepared();
  multi(target, op.create('/m'), op.remove('/m'), op.create('/m'), op.setData('/m'), op.create('/m/a'));
  multi(target, op.remove('/m/a'), op.remove('/m'), op.create('/m', 1));
  target.apply();
  t.match(target.tree.digest, { high: target.preparer.digest.high, low: target.preparer.digest.low });
  t.match(target.tree.get('/m'), { version: 0, ephemeralOwner: SESSION });
});

await t.test('a second multi that fails goes back to what the first one’s forerunners left', async (t) => {
  const target = prepared();
  target.propose(create('/a'));
  target.propose(remove('/a'));
  multi(target, op.create('/a'), op.create('/a/b'), op.remove('/a/b'), op.setData('/a'), op.remove('/none'));
  t.equal(target.propose(setData('/a', 'x')), ErrorCode.noNode, 'deleted before the multi');
  target.apply(1);
  multi(target, op.create('/a'), op.remove('/none'));
  t.equal(target.propose(remove('/a')), ErrorCode.noNode);
  target.apply();
  multi(target, op.create('/a', 1), op.remove('/none'));
  t.match(target.propose(closeSession(SESSION)), { paths2Delete: ['/eph'] }, 'the node never was');
  t.match(target.propose(create('/a')), { path: '/a' });
  target.apply();
  t.match(target.tree.digest, { high: target.preparer.digest.high, low: target.preparer.digest.low });
});

await t.test('what a preparer left outstanding means nothing to the next one', (t) => {
  const target = prepared();
  target.run(create('/a'));
  target.propose(setData('/a', 'never applied'));
  target.propose(create('/b'));
  const next = new RequestPreparer({
    tree: target.tree,
    access: new AccessControl({ providers: new Map(), skipAcl: true }),
    digestEnabled: true,
    extendedTypesEnabled: true,
    enforceQuota: false,
    limits: DEFAULT_TREE_LIMITS,
    onQuotaExceeded: () => undefined,
    planReconfig: () => ({ err: ErrorCode.reconfigDisabled, isLate: false }),
  });
  const context = { session: SESSION, ids: [], zxid: (target.lastZxid + 1) as never, time: 1 };
  t.match(next.setData({ path: '/a', data: null, version: 0 }, context), { version: 1 });
  t.equal(next.delete({ path: '/b', version: -1 }, context), ErrorCode.noNode);
  t.end();
});

await t.test('a change that is undone leaves the node to the change before it', (t) => {
  const target = prepared();
  target.run(create('/a'));
  target.propose(setData('/a', '1'));
  multi(target, op.setData('/a'), op.remove('/a'), op.create('/a'), op.setData('/a'), op.remove('/none'));
  t.match(target.propose(setData('/a', '2')), { version: 2 });
  target.apply(2);
  t.match(target.propose(setData('/a', '3')), { version: 3 }, 'some applied and some not');
  target.apply();
  t.match(target.propose(setData('/a', '4')), { version: 4 }, 'none outstanding');
  target.apply();
  t.match(target.tree.digest, { high: target.preparer.digest.high, low: target.preparer.digest.low });
  t.end();
});

await t.test('hard limits of quotas hold where they are enforced, and not elsewhere', async (t) => {
  for (const enforceQuota of [true, false]) {
    const target = new PreparedTree({ enforceQuota });
    for (const path of ['/q', '/zookeeper/quota/q']) target.run(create(path));
    const write = (path: string, data: string) =>
      target.run((preparer, context) =>
        preparer.create({ path, data: ascii(data), acl: OPEN_ACL, flags: 0 }, OpCode.create, context),
      );
    write('/zookeeper/quota/q/zookeeper_limits', 'count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=2');
    write('/zookeeper/quota/q/zookeeper_stats', 'count=0,bytes=0');
    t.match(write('/q/a', '1234'), { path: '/q/a' });
    const expected = enforceQuota ? ErrorCode.quotaExceeded : { type: OpCode.create };
    t.match(write('/q/b', ''), expected, 'one node too many');
    const set = (data: string, version: number) =>
      target.run((preparer, context) =>
        preparer.setData({ path: '/q/a', data: ascii(data), version }, context),
      );
    t.match(set('12345', 9), enforceQuota ? ErrorCode.quotaExceeded : ErrorCode.badVersion, 'comes first');
    t.match(set('12', 0), { type: OpCode.setData });
  }
});
