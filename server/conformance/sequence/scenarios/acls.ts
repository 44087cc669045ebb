import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const { read, write, create, delete: deletePerm, admin, all } = op.Perms;
/** `user:password` as the digest scheme stores it: base64 of SHA-1 (protocol §9). */
const BOB = 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=';
const OTHER = 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=';

/** Who may do what (protocol §1.7, ACL perms and checks). */
export async function acls(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.create('/acl'));
  await validation(a);
  await identities(a);
  const bob = await Peer.connect(run, 'Bob', { pipelined: [op.auth('digest', 'bob:pw')] });
  const eve = await Peer.connect(run, 'Eve');
  await permissions(bob, eve);
  await masking(bob, eve);
  await addresses(eve);
  await superUser(run);
  for (const peer of [a, bob, eve]) await peer.call(op.closeSession);
}

const REFUSED_LISTS: readonly op.AclList[] = [
  [],
  null,
  [[all, 'world', 'someone']],
  [[all, 'world', null]],
  [[all, null, 'anyone']],
  [[all, '', '']],
  [[all, 'nosuch', 'x']],
  [[all, 'auth', '']],
  [[all, 'digest', 'nocolon']],
  [[all, 'digest', 'a:b:c']],
  [[all, 'super', 'x:y']],
  [[all, 'ip', 'not-an-address']],
  [[all, 'ip', '127.0.0.1/33']],
  [[all, 'ip', '']],
];

const TAKEN_LISTS: readonly op.AclList[] = [
  [[0, 'world', 'anyone']],
  [[99, 'world', 'anyone']],
  [[all, 'digest', BOB]],
  [[all, 'ip', '127.0.0.1']],
  [[all, 'ip', '10.0.0.0/8']],
  [
    [all, 'world', 'anyone'],
    [all, 'world', 'anyone'],
    [read, 'world', 'anyone'],
  ],
];

async function validation(a: Peer): Promise<void> {
  for (const acl of REFUSED_LISTS) await a.call(op.create('/acl/refused', '', { acl }));
  for (const acl of REFUSED_LISTS) await a.call(op.setAcl('/acl', acl));
  await a.call(op.setAcl('/absent', []));
  for (const [index, acl] of TAKEN_LISTS.entries()) {
    await a.call(op.create(`/acl/taken${index}`, '', { acl }));
    await a.call(op.getAcl(`/acl/taken${index}`));
  }
}

async function identities(a: Peer): Promise<void> {
  await a.call(op.auth('digest', 'u:p'));
  await a.call(op.create('/acl/auth', '', { acl: [[read | write, 'auth', 'ignored']] }));
  await a.call(op.getAcl('/acl/auth'));
  await a.call(op.create('/acl/authNull', '', { acl: [[all, 'auth', null]] }));
  await a.call(op.getAcl('/acl/authNull'));
  await a.call(op.auth('digest', 'v:p'));
  await a.call(op.create('/acl/auth2', '', { acl: [[all, 'auth', '']] }));
  await a.call(op.getAclUnordered('/acl/auth2'));
}

async function permissions(bob: Peer, eve: Peer): Promise<void> {
  await bob.call(op.create('/acl/bob', 'secret', { acl: [[all, 'digest', BOB]] }));
  await bob.call(op.create('/acl/bob/child', '', { acl: op.OPEN_ACL }));
  for (const operation of [
    op.getData('/acl/bob'),
    op.getChildren('/acl/bob'),
    op.getChildren2('/acl/bob'),
    op.exists('/acl/bob'),
    op.getAcl('/acl/bob'),
    op.setData('/acl/bob', 'x'),
    op.setData('/acl/bob', 'x', 77),
    op.setAcl('/acl/bob', op.OPEN_ACL),
    op.setAcl('/acl/bob', []),
    op.create('/acl/bob/new'),
    op.create('/acl/bob/child'),
    op.create('/acl/bob/new', '', { acl: [] }),
    op.remove('/acl/bob/child'),
    op.remove('/acl/bob/absent'),
    op.remove('/acl/bob'),
    op.multi(op.check('/acl/bob'), op.create('/acl/via-multi')),
    op.sync('/acl/bob'),
    op.getData('/acl/bob/child'),
  ]) {
    await eve.call(operation);
    if (operation.type !== OpCode.delete && operation.type !== OpCode.setAcl) await bob.call(operation);
  }
}

/** Without ADMIN a reader sees that there is a digest, and not which. */
async function masking(bob: Peer, eve: Peer): Promise<void> {
  const acl: op.AclList = [
    [read, 'world', 'anyone'],
    [all, 'digest', BOB],
    [write | create, 'digest', OTHER],
  ];
  await bob.call(op.create('/acl/masked', '', { acl }));
  await eve.call(op.getAcl('/acl/masked'));
  await bob.call(op.getAcl('/acl/masked'));
  await eve.call(op.setData('/acl/masked', 'x'));
  await eve.call(op.auth('digest', 'u:p'));
  await eve.call(op.setData('/acl/masked', 'x'));
  await eve.call(op.create('/acl/masked/child'));
  await eve.call(op.remove('/acl/masked/child'));
  await bob.call(op.create('/acl/adminOnly', '', { acl: [[admin, 'world', 'anyone']] }));
  await eve.call(op.getAcl('/acl/adminOnly'));
  await eve.call(op.getData('/acl/adminOnly'));
  await bob.call(op.create('/acl/deleteOnly', '', { acl: [[deletePerm, 'world', 'anyone']] }));
  await eve.call(op.create('/acl/deleteOnly/x'));
  // DELETE is asked of the parent, so a node without any permission goes.
  await eve.call(op.create('/acl/none', '', { acl: [[0, 'world', 'anyone']] }));
  await eve.call(op.getData('/acl/none'));
  await eve.call(op.getAcl('/acl/none'));
  await eve.call(op.remove('/acl/none'));
}

async function addresses(eve: Peer): Promise<void> {
  for (const [index, id] of ['127.0.0.1', '127.0.0.0/8', '127.0.0.1/32', '10.1.2.3', '0.0.0.0/0'].entries()) {
    await eve.call(op.create(`/acl/ip${index}`, 'x', { acl: [[all, 'ip', id]] }));
    await eve.call(op.getData(`/acl/ip${index}`));
  }
}

async function superUser(run: Run): Promise<void> {
  const root = await Peer.connect(run, 'Root');
  await root.call(op.getData('/acl/bob'));
  await root.call(op.auth('digest', 'super:test'));
  await root.call(op.getData('/acl/bob'));
  await root.call(op.getAcl('/acl/bob'));
  await root.call(op.closeSession);
  for (const [scheme, id, isTaken] of [
    ['nosuch', 'x', false],
    ['digest', 'nocolon', true],
    ['world', 'anyone', false],
    ['ip', '127.0.0.1', true],
  ] as const) {
    const peer = await Peer.connect(run, `Auth-${scheme}`);
    if (isTaken) await peer.callAndProbe(op.auth(scheme, id));
    else await peer.callToEnd(op.auth(scheme, id));
    await peer.drop();
    const again = await Peer.connect(run, `${peer.name} again`, { session: peer.session });
    await again.call(op.closeSession);
  }
}
