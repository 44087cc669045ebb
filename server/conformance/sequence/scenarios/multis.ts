import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** All or nothing under one zxid (protocol §1.5, multi framing). */
export async function multis(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  const b = await Peer.connect(run, 'B');
  await a.call(op.create('/m', 'x'));
  await succeeding(a);
  await failing(a, b);
  await refused(run, a);
  await a.call(op.closeSession);
  await b.call(op.closeSession);
}

async function succeeding(a: Peer): Promise<void> {
  await a.call(op.multi());
  await a.call(
    op.multi(
      op.check('/m', 0),
      op.create('/m/one', '1'),
      op.create('/m/two', '2', { type: OpCode.create2 }),
      op.setData('/m', 'y', 0),
      op.setData('/m', 'z', 1),
      op.check('/m', 2),
      op.create('/m/one/nested'),
      op.create('/m/one/s-', '', { flags: op.Flags.sequential }),
      op.remove('/m/two', 0),
    ),
  );
  await a.call(op.getChildren2('/m'));
  await a.call(op.getChildren2('/m/one'));
  await a.call(op.multi(op.create('/m/gone'), op.remove('/m/gone')));
  await a.call(op.exists('/m'));
  await a.call(op.multi(op.create('/m/eph', '', { flags: op.Flags.ephemeral })));
  await a.call(op.getChildren2('/m'));
}

async function failing(a: Peer, b: Peer): Promise<void> {
  await b.call(op.getChildren2('/m', true));
  await b.call(op.exists('/m/never', true));
  for (const operations of [
    [op.create('/m/never'), op.remove('/m/absent'), op.create('/m/neither')],
    [op.create('/m/never'), op.create('/m/never')],
    [op.check('/m', 0), op.create('/m/never')],
    [op.check('/absent'), op.create('/m/never')],
    [op.create('/m/never', '', { acl: [] })],
    [op.create('/m/never', '', { flags: 9 })],
    [op.create('m'), op.create('/m/never')],
    [op.setData('/m', 'w'), op.setData('/m', 'v', 2)],
    [op.remove('/m'), op.create('/m/never')],
    [op.create('/m/eph/child')],
    [op.create('/m/never'), op.create('/m/never/child'), op.remove('/m/never')],
  ]) {
    await a.call(op.multi(...operations));
  }
  // Nothing was changed and nobody was woken.
  await b.probe();
  await a.call(op.getData('/m'));
  await a.call(op.getChildren2('/m'));
}

async function refused(run: Run, a: Peer): Promise<void> {
  for (const operations of [
    [op.getData('/m')],
    [op.create('/m/never'), op.getData('/m')],
    [op.setAcl('/m', op.OPEN_ACL)],
    [op.raw(77, 'type 77')],
  ]) {
    const peer = await Peer.connect(run, 'Refused');
    await peer.callAndProbe(op.multi(...operations));
    await peer.drop();
    const again = await Peer.connect(run, 'Refused again', { session: peer.session });
    await again.call(op.closeSession);
  }
  await a.call(op.exists('/m/never'));
}
