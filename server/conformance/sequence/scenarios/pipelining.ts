import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** Requests of one connection are answered in their order and see each other's effects (protocol §1.9). */
export async function pipelining(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  const b = await Peer.connect(run, 'B');
  await a.pipeline(
    op.create('/pipe', '0'),
    op.getData('/pipe'),
    op.setData('/pipe', '1', 0),
    op.setData('/pipe', '2', 0),
    op.setData('/pipe', '2', 1),
    op.getData('/pipe'),
    op.create('/pipe/child'),
    op.remove('/pipe'),
    op.remove('/pipe/child'),
    op.remove('/pipe'),
    op.exists('/pipe'),
    op.ping,
  );
  // Refusals consume zxids as well.
  await a.call(op.remove('/absent'));
  await a.call(op.remove('/absent'));
  await a.call(op.exists('/'));
  await mixed(a, b);
  await many(a);
  for (const peer of [a, b]) await peer.call(op.closeSession);
}

async function mixed(a: Peer, b: Peer): Promise<void> {
  await b.call(op.exists('/mixed', true));
  await b.call(op.exists('/mixed/later', true));
  await a.pipeline(
    op.create('/mixed'),
    op.exists('/mixed', true),
    op.multi(op.setData('/mixed', 'a'), op.create('/mixed/x')),
    op.ping,
    op.getChildren('/mixed', true),
    op.sync('/mixed'),
    op.setWatches(0, 'zero', { exist: ['/mixed/later'] }),
    op.create('/mixed/later'),
    op.multi(op.remove('/mixed/absent')),
    op.getChildren2('/mixed'),
    op.remove('/mixed/later'),
  );
  await b.probe();
}

/** Enough in flight that a server has to batch. */
async function many(a: Peer): Promise<void> {
  const creates = Array.from({ length: 60 }, () => op.create('/many-', '', { flags: op.Flags.sequential }));
  await a.pipeline(...creates, op.exists('/'));
}
