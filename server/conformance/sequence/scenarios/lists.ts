import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** getAllChildrenNumber: how many nodes are below one. */
export async function counting(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  for (const path of ['/', '/zookeeper', '/n', '/zookeeper/config', '/absent']) {
    await a.call(op.getAllChildrenNumber(path));
  }
  await a.call(op.create('/count', '', { acl: [[op.Perms.create, 'world', 'anyone']] }));
  await a.call(op.create('/count/a'));
  await a.call(op.create('/count/a/b'));
  await a.call(op.getAllChildrenNumber('/count/a'));
  // It takes the right to read.
  await a.call(op.getAllChildrenNumber('/count'));
  await a.call(op.closeSession);
}

/** getEphemerals: those of the own session, below a prefix of characters. */
export async function ephemeralLists(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  const b = await Peer.connect(run, 'B');
  await a.call(op.create('/lists'));
  for (const name of ['one', 'other', 'two']) {
    await b.call(op.create(`/lists/${name}`, '', { flags: op.Flags.ephemeral }));
  }
  for (const prefix of ['/', '/lists', '/lists/o', '/absent', '', null]) {
    await b.call(op.getEphemerals(prefix));
  }
  await a.call(op.getEphemerals('/'));
  for (const peer of [a, b]) await peer.call(op.closeSession);
}

/** whoAmI: the identities of the connection. */
export async function identities(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.whoAmI);
  await a.call(op.auth('digest', 'u:p'));
  await a.call(op.auth('digest', 'v:p'));
  await a.call(op.whoAmI);
  await a.call(op.auth('digest', 'super:test'));
  await a.call(op.whoAmI);
  await a.call(op.closeSession);
}

/** multiRead: each read for itself. */
export async function multiReads(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.create('/mr', 'z'));
  await a.call(op.create('/mr/one', '1'));
  const { getData, getChildren } = op;
  await a.call(op.multiRead());
  await a.call(op.multiRead(getData('/mr'), getChildren('/mr'), getData('/absent'), getData('/mr/one')));
  await a.call(op.multiRead(getChildren('/absent'), getData('/mr')));
  // The watch flags are ignored.
  await a.call(op.multiRead(getData('/mr', true), getChildren('/mr', true)));
  await a.call(op.setData('/mr', 'unwatched'));
  await a.callAndProbe(op.multiRead(op.exists('/mr')));
  await a.callAndProbe(op.multiRead(getData('/mr'), op.setData('/mr', 'x')));
  await a.call(op.closeSession);
}

/** A check outside a multi, and a reconfiguration of a server that has no ensemble. */
export async function oddTypes(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.reconfig(null, null, null));
  await a.call(op.reconfig('server.2=127.0.0.1:1:2:participant;3', null, null));
  await a.callAndProbe(op.raw(OpCode.check, 'check "/" v=0', CHECK_ROOT));
  await a.drop();
  const again = await Peer.connect(run, 'A again', { session: a.session });
  await again.call(op.closeSession);
}

const CHECK_ROOT = new Uint8Array([0, 0, 0, 1, 0x2f, 0, 0, 0, 0]);
