import t from 'tap';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { SILENT_LOG } from '../base/log.ts';
import { Prng } from '../base/prng.ts';
import { SessionTracker } from '../session/session-tracker.ts';
import { DataTree } from '../tree/data-tree.ts';
import { SnapshotTrigger } from './snapshot-trigger.ts';
import { Snapshotter, type SnapshotterOptions } from './snapshotter.ts';

const DIRECTORY = '/data/version-2';

function make(more: Partial<SnapshotterOptions> = {}): {
  readonly disk: SimDisk;
  readonly tree: DataTree;
  readonly snapshotter: Snapshotter;
} {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  const snapshotter = new Snapshotter({
    disk,
    directory: DIRECTORY,
    tree,
    sessions: new SessionTracker({ tickMs: 2000, nowMs: 0 }),
    trigger: new SnapshotTrigger({ snapCount: 0, snapSizeBytes: 0, replayedTxns: 0, random: new Prng(1) }),
    log: { roll: () => undefined, bytesSinceRoll: 0 },
    logger: SILENT_LOG,
    nowMs: () => 0,
    ...more,
  });
  return { disk, tree, snapshotter };
}

await t.test('one snapshot at a time: idle is when nothing of any is on its way any more', (t) => {
  let nowMs = 1000;
  const tookMs: number[] = [];
  const { disk, tree, snapshotter } = make({
    nowMs: () => nowMs,
    onWritten: (durationMs) => tookMs.push(durationMs),
  });
  snapshotter.onApplied();
  t.ok(tree.isSnapshotting);
  while (tree.isSnapshotting) disk.step();
  t.notSame(disk.queued, [], 'the tree is read, the file has no name yet');
  snapshotter.onApplied();
  let isIdle = false;
  snapshotter.whenIdle(() => {
    isIdle = true;
    t.same(disk.queued, []);
  });
  nowMs = 1250;
  t.same(tookMs, []);
  disk.run();
  t.ok(isIdle);
  t.same(tookMs, [250], 'counted once it has its name');
  t.end();
});

await t.test('once it is stopped nothing of a snapshot is left, and none is begun', (t) => {
  for (let steps = 0; steps < 3; steps++) {
    const { disk, tree, snapshotter } = make();
    const results: unknown[] = [];
    snapshotter.take((error, written) => results.push(error, written));
    for (let i = 0; i < steps; i++) disk.step();
    snapshotter.stop();
    snapshotter.whenIdle(() => results.push('idle'));
    disk.run();
    t.same(results, ['idle', null, null], `after ${steps} steps`);
    t.same(disk.paths(), []);
    t.notOk(tree.isSnapshotting);
    snapshotter.onApplied();
    snapshotter.take((error, written) => results.push(error, written));
    t.same(results.slice(3), [null, null]);
    t.same(disk.queued, []);
  }
  t.end();
});
