import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const ephemeral = { flags: op.Flags.ephemeral };

/** Nodes that end with their session, and the ends of sessions (protocol §1.3, §1.7). */
export async function ephemerals(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.create('/eph'));
  const b = await Peer.connect(run, 'B');
  await b.call(op.create('/eph/one', 'x', ephemeral));
  await b.call(op.create('/eph/two', '', { ...ephemeral, type: OpCode.create2 }));
  await b.call(op.create('/eph/seq-', '', { flags: op.Flags.ephemeralSequential }));
  await b.call(op.create('/eph/one/child'));
  await b.call(op.create('/eph/one/child', '', ephemeral));
  await b.call(op.setData('/eph/one', 'y'));
  await a.call(op.getData('/eph/one'));
  await a.call(op.setData('/eph/one', 'z'));
  await a.call(op.remove('/eph/two'));
  await b.call(op.exists('/eph/two'));
  await closing(run, a, b);
  await expiring(run, a);
  await a.call(op.closeSession);
}

/** One ephemeral is left when the session is closed, so that the order of the events is determined. */
async function closing(run: Run, a: Peer, b: Peer): Promise<void> {
  await b.call(op.remove('/eph/seq-0000000002'));
  await a.call(op.exists('/eph/one', true));
  await a.call(op.getChildren2('/eph', true));
  await b.call(op.closeSession);
  await b.untilClosed();
  await a.probe();
  await a.call(op.getChildren2('/eph'));
  const c = await Peer.connect(run, 'C');
  await c.pipeline(op.create('/eph/c', '', ephemeral), op.create('/eph/d', '', ephemeral), op.closeSession);
  await c.untilClosed();
  await a.call(op.getChildren2('/eph'));
}

/** A session that is left alone ends by itself, and takes its nodes along in one transaction. */
async function expiring(run: Run, a: Peer): Promise<void> {
  const d = await Peer.connect(run, 'D', { timeoutMs: 1 });
  await d.call(op.create('/eph/d1', '', ephemeral));
  await d.call(op.create('/eph/d2', '', ephemeral));
  await a.call(op.exists('/eph/d2', true));
  await d.untilClosed();
  await a.probe();
  await a.call(op.getChildren2('/eph'));
  const late = await Peer.connect(run, 'D late', { session: d.session });
  await late.untilClosed();
}
