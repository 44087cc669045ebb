import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** setWatches after a reconnect tells what was missed, at once and before its reply (protocol §1.8). */
export async function resync(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  for (const path of ['/r', '/r/same', '/r/changed', '/r/deleted', '/r/parent', '/r/childless']) {
    await a.call(op.create(path));
  }
  const before = run.transcript.lastZxid;
  await a.call(op.setData('/r/changed', 'x'));
  await a.call(op.remove('/r/deleted'));
  await a.call(op.create('/r/created'));
  await a.call(op.create('/r/parent/child'));
  const now = run.transcript.lastZxid;
  const data = ['/r/same', '/r/changed', '/r/deleted'];
  const exist = ['/r/created', '/r/never'];
  const child = ['/r/parent', '/r/childless', '/r/deleted'];
  const b = await Peer.connect(run, 'B', {
    pipelined: [op.setWatches(before, 'before', { data, exist, child }), op.getData('/r')],
  });
  await registered(a, b);
  await b.call(
    op.setWatches(now, 'now', { data: ['/r/changed'], exist: ['/r/absent'], child: ['/r/parent'] }),
  );
  await a.call(op.setData('/r/changed', 'y'));
  await a.call(op.create('/r/absent'));
  await a.call(op.remove('/r/parent/child'));
  await b.probe();
  await b.call(op.setWatches(0, 'zero', { data: ['/r/same', '/r/same'], child: ['/r'] }));
  await b.call(op.setWatches(now, 'now', {}));
  for (const peer of [a, b]) await peer.call(op.closeSession);
}

/** What was not missed is watched from now on, and what was told is not. */
async function registered(a: Peer, b: Peer): Promise<void> {
  await a.call(op.setData('/r/same', 'x'));
  await a.call(op.setData('/r/changed', 'again'));
  await a.call(op.create('/r/never'));
  await a.call(op.remove('/r/created'));
  await a.call(op.create('/r/childless/one'));
  await a.call(op.create('/r/parent/two'));
  await b.probe();
}
