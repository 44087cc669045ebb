import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** Creating, reading, changing and deleting (protocol §1.5, §1.7). */
export async function nodes(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await creating(a);
  await reading(a);
  await versions(a);
  await deleting(a);
  await paths(a);
  await a.call(op.closeSession);
}

/** What a new server has: played before anything else, as the root never becomes new again. */
export async function emptyTree(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
    await a.call(op.getData(path));
    await a.call(op.getAcl(path));
  }
  await a.call(op.getChildren2('/'));
  await a.call(op.getChildren('/zookeeper'));
  await a.call(op.closeSession);
}

async function creating(a: Peer): Promise<void> {
  await a.call(op.create('/n', 'data'));
  await a.call(op.create('/n'));
  await a.call(op.create('/n2', 'other', { type: OpCode.create2 }));
  await a.call(op.create('/n2', '', { type: OpCode.create2 }));
  await a.call(op.create('/n/null', null));
  await a.call(op.create('/n/empty', ''));
  await a.call(op.getData('/n/null'));
  await a.call(op.getData('/n/empty'));
  await a.call(op.create('/n/ünï-日本', 'ü'));
  await a.call(op.getData('/n/ünï-日本'));
  await a.call(op.create('/absent/child'));
  await a.call(op.create('/n/noAcl', '', { acl: [] }));
  await a.call(op.create('/n/nullAcl', '', { acl: null }));
  await a.call(op.create('/absent/noAcl', '', { acl: [] }));
  for (const flags of [-1, 7, 99]) await a.call(op.create('/n/flags', '', { flags }));
  await a.call(op.create('/n/flags', '', { flags: 7, type: OpCode.create2 }));
  await a.call(op.exists('/n'));
  await a.call(op.exists('/'));
}

async function reading(a: Peer): Promise<void> {
  await a.call(op.getChildren('/n'));
  await a.call(op.getChildren2('/n'));
  await a.call(op.getChildren2('/n/empty'));
  for (const read of [op.exists, op.getData, op.getChildren, op.getChildren2]) await a.call(read('/absent'));
  await a.call(op.getAcl('/absent'));
  await a.call(op.sync('/n'));
  await a.call(op.sync('/absent'));
  await a.call(op.sync(''));
}

async function versions(a: Peer): Promise<void> {
  await a.call(op.setData('/n', 'one', 0));
  await a.call(op.setData('/n', 'two', 0));
  await a.call(op.setData('/n', 'two', 2));
  await a.call(op.setData('/n', 'two', -2));
  await a.call(op.setData('/n', 'two', 1));
  await a.call(op.setData('/n', null));
  await a.call(op.getData('/n'));
  await a.call(op.setData('/n', ''));
  await a.call(op.getData('/n'));
  await a.call(op.setData('/absent', 'x', 5));
  await a.call(op.exists('/n'));
  // A child's data is none of its parent's business.
  await a.call(op.setData('/n/empty', 'x'));
  await a.call(op.exists('/n'));
  await a.call(op.setAcl('/n', op.OPEN_ACL, 1));
  await a.call(op.setAcl('/n', op.OPEN_ACL, 0));
  await a.call(op.setAcl('/n', op.OPEN_ACL));
  await a.call(op.exists('/n'));
  await a.call(op.setAcl('/absent', op.OPEN_ACL));
  await a.call(op.setData('/', 'root'));
  await a.call(op.getData('/'));
}

async function deleting(a: Peer): Promise<void> {
  await a.call(op.remove('/n'));
  await a.call(op.remove('/n', 99));
  await a.call(op.remove('/absent'));
  await a.call(op.remove('/absent/child'));
  await a.call(op.remove('/n/empty', 0));
  await a.call(op.remove('/n/empty', 1));
  await a.call(op.exists('/n'));
  await a.call(op.remove('/n/empty', 1));
  await a.call(op.create('/n/empty', 'again'));
  await a.call(op.exists('/n'));
  for (const child of ['empty', 'null', 'ünï-日本']) await a.call(op.remove(`/n/${child}`));
  await a.call(op.exists('/n'));
  await a.call(op.remove('/n'));
  await a.call(op.create('/n'));
  await a.call(op.exists('/n'));
  for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
    await a.call(op.remove(path));
  }
}

const STRANGE_PATHS = [
  '',
  'n',
  'n/child',
  '/n/',
  '//',
  '/n//child',
  '/n/.',
  '/n/..',
  '/n/./child',
  '/n/.hidden',
  '/n/...',
  '/n/\0',
  '/n/\u0001',
  '/n/\u001f',
  '/n/\u007f',
  '/n/\u009f',
  '/n/\ud7ff',
  '/n/\ue000',
  '/n/\uf8ff',
  '/n/\ufff0',
  '/n/ space',
];

async function paths(a: Peer): Promise<void> {
  await a.call(op.create('/'));
  for (const path of STRANGE_PATHS) await a.call(op.create(path));
  await a.call(op.getChildren('/n'));
  for (const path of ['', 'n', '/n/', '//', '/n/\0', '/n/..']) {
    await a.call(op.exists(path));
    await a.call(op.getData(path));
    await a.call(op.getChildren2(path));
    await a.call(op.getAcl(path));
    await a.call(op.remove(path));
    await a.call(op.setData(path, 'x'));
    await a.call(op.setAcl(path, op.OPEN_ACL));
  }
  await a.call(op.create('/absent/', '', { flags: op.Flags.sequential }));
  await a.call(op.create('/n/', '', { flags: op.Flags.sequential }));
  await a.call(op.create('/n/bad/', ''));
}
