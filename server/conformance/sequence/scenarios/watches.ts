import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** One-shot watches: which, when, and in which order (protocol §1.8, §1.9). */
export async function watches(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  const b = await Peer.connect(run, 'B');
  await a.call(op.create('/w'));
  await dataWatches(a, b);
  await childWatches(a, b);
  await ownWrites(a);
  await deletion(a, b);
  await multiWatches(a, b);
  await silence(a, b);
  await connectionBound(run, a);
  for (const peer of [a, b]) await peer.call(op.closeSession);
}

async function dataWatches(a: Peer, b: Peer): Promise<void> {
  await b.call(op.getData('/w', true));
  await a.call(op.setData('/w', '1'));
  await a.call(op.setData('/w', '2'));
  await b.probe();
  await b.call(op.exists('/w', true));
  await a.call(op.setData('/w', '3'));
  await b.probe();
  await b.call(op.exists('/w/new', true));
  await a.call(op.create('/w/new'));
  await b.probe();
  // Two registrations of one connection at one path fire once.
  await b.call(op.getData('/w/new', true));
  await b.call(op.exists('/w/new', true));
  await a.call(op.setData('/w/new', 'x'));
  await b.probe();
  await b.call(op.exists('/w/new', true));
  await a.call(op.remove('/w/new'));
  await b.probe();
  // A read that finds nothing leaves no watch, but exists does.
  await b.call(op.getData('/w/absent', true));
  await b.call(op.getChildren('/w/absent', true));
  await a.call(op.create('/w/absent'));
  await a.call(op.remove('/w/absent'));
  await b.probe();
}

async function childWatches(a: Peer, b: Peer): Promise<void> {
  await b.call(op.getChildren('/w', true));
  await a.call(op.setData('/w', 'not a child'));
  await a.call(op.create('/w/c'));
  await a.call(op.create('/w/d'));
  await b.probe();
  await b.call(op.getChildren2('/w', true));
  await a.call(op.setData('/w/c', 'not a change of children'));
  await a.call(op.create('/w/c/grandchild'));
  await b.probe();
  await a.call(op.remove('/w/d'));
  await b.probe();
}

async function ownWrites(a: Peer): Promise<void> {
  await a.call(op.getData('/w', true));
  await a.call(op.getChildren('/w', true));
  await a.pipeline(op.setData('/w', 'own'), op.create('/w/own'), op.getData('/w'));
  await a.pipeline(op.getData('/w', true), op.setData('/w', 'a'), op.setData('/w', 'b'), op.getData('/w'));
}

async function deletion(a: Peer, b: Peer): Promise<void> {
  await a.call(op.create('/w/p'));
  await b.call(op.getData('/w/p', true));
  await b.call(op.getChildren('/w/p', true));
  await b.call(op.getChildren('/w', true));
  await a.call(op.remove('/w/p'));
  await b.probe();
  await a.call(op.create('/w/p'));
  await b.call(op.getChildren('/w/p', true));
  await a.call(op.remove('/w/p'));
  await b.probe();
}

async function multiWatches(a: Peer, b: Peer): Promise<void> {
  await b.call(op.exists('/w/m1', true));
  await b.call(op.exists('/w/m2', true));
  await b.call(op.getChildren('/w', true));
  await b.call(op.getData('/w', true));
  await a.call(op.multi(op.create('/w/m2'), op.setData('/w', 'm'), op.create('/w/m1'), op.remove('/w/m2')));
  await b.probe();
}

/** What wakes nobody: failures, ACLs, checks, reads. */
async function silence(a: Peer, b: Peer): Promise<void> {
  await b.call(op.getData('/w', true));
  await b.call(op.getChildren('/w', true));
  await a.call(op.setData('/w', 'x', 999));
  await a.call(op.create('/w/c'));
  await a.call(op.setAcl('/w', op.OPEN_ACL));
  await a.call(op.multi(op.check('/w')));
  await a.call(op.sync('/w'));
  await b.probe();
  await a.call(op.setData('/w', 'now'));
  await a.call(op.create('/w/now'));
  await b.probe();
}

/** Watches end with the connection, not with the session. */
async function connectionBound(run: Run, a: Peer): Promise<void> {
  const c = await Peer.connect(run, 'C');
  await c.call(op.getData('/w', true));
  await c.drop();
  const again = await Peer.connect(run, 'C again', { session: c.session });
  await a.call(op.setData('/w', 'moved'));
  await again.probe();
  await again.call(op.closeSession);
}
