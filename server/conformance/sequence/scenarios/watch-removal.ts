import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** removeWatches and checkWatches, by the kind of watch (protocol §1.8). */
export async function watchRemoval(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  const b = await Peer.connect(run, 'B');
  await a.call(op.create('/wr'));
  const { children, data, any } = op.WatcherType;
  for (const type of [children, data, any, 0, 9]) await b.call(op.removeWatches('/wr', type));
  await b.call(op.getData('/wr', true));
  for (const type of [data, children, any]) await b.call(op.checkWatches('/wr', type));
  await b.call(op.checkWatches('/wr/absent', any));
  for (const type of [children, data, data]) await b.call(op.removeWatches('/wr', type));
  await b.call(op.getData('/wr', true));
  await b.call(op.getChildren('/wr', true));
  await b.call(op.removeWatches('/wr', any));
  await a.call(op.setData('/wr', 'nobody'));
  await a.call(op.create('/wr/nobody'));
  await b.probe();
  await b.call(op.getData('/wr', true));
  await b.drop();
  const again = await Peer.connect(run, 'B again', { session: b.session });
  await again.call(op.checkWatches('/wr', any));
  for (const peer of [a, again]) await peer.call(op.closeSession);
}
