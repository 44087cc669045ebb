import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const { persistent, recursive } = op.WatchMode;

/** addWatch: watches that stay, on a node or on everything below it (protocol §1.8). */
export async function persistentWatches(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  const b = await Peer.connect(run, 'B');
  await a.call(op.create('/p'));
  await b.call(op.addWatch('/p', persistent));
  await changes(a, '/p');
  await b.probe();
  await b.call(op.addWatch('/p', 7));
  await b.call(op.addWatch('/p', -1));
  await b.call(op.addWatch('no-path', persistent));
  await everythingBelow(run, a);
  await b.probe();
  await together(a, b);
  await leaving(a, b);
  await resynced(run, a, b);
  await shortRequest(run);
  for (const peer of [a, b]) await peer.call(op.closeSession);
}

async function changes(a: Peer, path: string): Promise<void> {
  await a.call(op.setData(path, '1'));
  await a.call(op.setData(path, '2'));
  await a.call(op.create(`${path}/child`));
  await a.call(op.setData(`${path}/child`, 'x'));
  await a.call(op.create(`${path}/child/grandchild`));
  await a.call(op.remove(`${path}/child/grandchild`));
  await a.call(op.remove(`${path}/child`));
}

async function everythingBelow(run: Run, a: Peer): Promise<void> {
  const c = await Peer.connect(run, 'C');
  await c.call(op.addWatch('/p', recursive));
  await changes(a, '/p');
  await c.probe();
  await a.call(op.multi(op.create('/p/m'), op.create('/p/m/n'), op.remove('/p/m/n'), op.remove('/p/m')));
  await c.probe();
  await c.call(op.addWatch('/', recursive));
  await a.call(op.create('/p-other'));
  await a.call(op.remove('/p-other'));
  await c.probe();
  await c.call(op.closeSession);
}

/** One connection that watches a path in several ways hears of each change once a table. */
async function together(a: Peer, b: Peer): Promise<void> {
  await b.call(op.getData('/p', true));
  await b.call(op.getChildren('/p', true));
  await b.call(op.addWatch('/p', recursive));
  await a.call(op.setData('/p', 'x'));
  await a.call(op.create('/p/t'));
  await a.call(op.setData('/p', 'y'));
  await b.probe();
  await a.call(op.create('/gone'));
  await b.call(op.addWatch('/gone', persistent));
  await a.call(op.remove('/gone'));
  await a.call(op.create('/gone'));
  await b.probe();
}

async function leaving(a: Peer, b: Peer): Promise<void> {
  const { data, any } = op.WatcherType;
  await b.call(op.checkWatches('/gone', any));
  await b.call(op.checkWatches('/gone', data));
  await b.call(op.removeWatches('/gone', data));
  await b.call(op.removeWatches('/gone', any));
  await b.call(op.removeWatches('/gone', any));
  await b.call(op.removeWatches('/p', any));
  await a.call(op.setData('/gone', 'unheard'));
  await a.call(op.setData('/p', 'unheard'));
  await a.call(op.setData('/p/t', 'unheard'));
  await b.probe();
}

/** setWatches2 registers them again, and has nothing to tell of them. */
async function resynced(run: Run, a: Peer, b: Peer): Promise<void> {
  await a.call(op.create('/p/r'));
  const before = run.transcript.lastZxid;
  await a.call(op.setData('/p/r', 'x'));
  await b.call(
    op.setWatches(before, 'before', {
      data: ['/p/r', '/p/absent'],
      persistent: ['/p/r', '/p/later'],
      recursive: ['/p/t'],
    }),
  );
  await a.call(op.create('/p/later'));
  await a.call(op.create('/p/t/three'));
  await a.call(op.setData('/p/t/three', 'x'));
  await a.call(op.setData('/p/r', 'z'));
  await b.probe();
  await b.call(op.setWatches(before, 'before', { persistent: [], recursive: [] }));
}

async function shortRequest(run: Run): Promise<void> {
  const c = await Peer.connect(run, 'Short');
  await c.callAndProbe(op.raw(OpCode.addWatch, 'addWatch of 2 bytes', new Uint8Array([0, 0])));
  await c.call(op.closeSession);
}
