import t from 'tap';
import { Prng } from '../base/prng.ts';
import type { Zxid } from '../base/zxid.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { ModelSink, StorageModel } from '../../harness/sim/storage-model.ts';
import { runScript, withFile, type DiskScript } from './disk-script.ts';
import { listDataFiles } from './data-directory.ts';
import { purge, type PurgeResult, totalSize } from './purge.ts';
import { recover } from './recovery.ts';
import { isSnapshotIntact } from './snapshot-reader.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import type { StorageError } from './storage-error.ts';

const DIRECTORY = '/data/version-2';
const DIRECTORIES = { snapshots: DIRECTORY, logs: DIRECTORY };

function modelOf(count: number, bytes: number): StorageModel {
  const model = new StorageModel();
  const prng = new Prng(count);
  for (let zxid = 1; zxid <= count; zxid++) {
    const data = new Uint8Array(bytes);
    prng.next();
    data.fill(prng.below(256));
    model.values.set(zxid as Zxid, data);
  }
  return model;
}

function newDisk(): SimDisk {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  disk.run();
  return disk;
}

function run<T>(disk: SimDisk, script: DiskScript<T>): { error: StorageError | null; result: T | undefined } {
  const outcome: { error: StorageError | null; result: T | undefined } = { error: null, result: undefined };
  runScript(disk, script, (error, result) => Object.assign(outcome, { error, result }));
  disk.run();
  return outcome;
}

function write(disk: SimDisk, model: StorageModel, zxid: number): StorageError | null {
  return run(disk, writeSnapshot({ directory: DIRECTORY, source: model.snapshot(zxid as Zxid) })).error;
}

function recoverOn(disk: SimDisk): {
  error: StorageError | null;
  sink: ModelSink;
  skipped: number | undefined;
} {
  const sink = new ModelSink();
  const options = { directories: DIRECTORIES, sink, txnSizeMax: 1 << 20, trustEmptySnapshot: false };
  const { error, result } = run(disk, recover(options));
  return { error, sink, skipped: result?.skipped.length };
}

await t.test('a snapshot is asked for in slices, and reads back as it was', async (t) => {
  const disk = newDisk();
  const model = modelOf(500, 5000);
  const source = model.snapshot(500 as Zxid);
  let largest = 0;
  let slices = 0;
  const watched = {
    ...source,
    writeNodes: (...[writer, budgetBytes]: Parameters<typeof source.writeNodes>): boolean => {
      t.equal(writer.length, 0, 'the slice before has been written');
      const isDone = source.writeNodes(writer, budgetBytes);
      largest = Math.max(largest, writer.length);
      slices++;
      return isDone;
    },
  };
  t.equal(run(disk, writeSnapshot({ directory: DIRECTORY, source: watched })).error, null);
  t.ok(slices > 30);
  t.ok(largest <= 128 << 10, `largest slice ${largest}`);
  const { sink } = recoverOn(disk);
  t.equal(sink.snapshotZxid, 500);
  t.same([...sink.values], [...model.values]);
});

await t.test('nodes larger than the reading window are read whole', async (t) => {
  const disk = newDisk();
  const model = modelOf(3, 3 << 20);
  t.equal(write(disk, model, 3), null);
  t.same([...recoverOn(disk).sink.values.keys()], [1, 2, 3]);
});

await t.test('a full disk costs the new snapshot only, whichever step it stops', async (t) => {
  const model = modelOf(40, 5000);
  const steps = 12;
  for (let failing = 0; failing < steps; failing++) {
    const disk = newDisk();
    t.equal(write(disk, model, 10), null);
    let step = 0;
    disk.faults = ({ type }) =>
      ['create', 'write', 'sync', 'rename'].includes(type) && step++ === failing ? { errno: 'ENOSPC' } : null;
    const error = write(disk, model, 40);
    disk.faults = () => null;
    if (error === null) break;
    t.equal(error.code, 'no-space');
    t.same(disk.paths(), [`${DIRECTORY}/snapshot.a`], `after step ${failing}`);
  }
});

await t.test(
  'a bit flipped anywhere in a snapshot is found, and without logs that lead to it nothing is started',
  async (t) => {
    const faults: string[] = [];
    const clean = newDisk();
    const model = modelOf(6, 40);
    write(clean, model, 0);
    write(clean, model, 6);
    const bytes = clean.readBytes(`${DIRECTORY}/snapshot.6`).slice();
    for (let at = 0; at < bytes.length; at++) {
      const disk = newDisk();
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0x20;
      disk.writeBytes(`${DIRECTORY}/snapshot.0`, clean.readBytes(`${DIRECTORY}/snapshot.0`));
      disk.writeBytes(`${DIRECTORY}/snapshot.6`, damaged);
      const { error, sink } = recoverOn(disk);
      const isHeaderId = at >= 8 && at < 16;
      if (
        error?.code !== 'corrupt' ||
        !error.message.includes('No log leads up to it from the snapshot before')
      ) {
        faults.push(`flipped at ${at}${isHeaderId ? ' (dbid)' : ''}: ${error?.message ?? sink.snapshotZxid}`);
        continue;
      }
      if (run(disk, withFile(`${DIRECTORY}/snapshot.6`, 'read', isSnapshotIntact)).result !== false) {
        faults.push(`flipped at ${at}: called intact`);
      }
    }
    t.same(faults, []);
    t.ok(bytes.length > 200, `${bytes.length} bytes`);
  },
);

await t.test('one that was not written to its end is passed over: nobody was ever told of it', async (t) => {
  const clean = newDisk();
  const model = modelOf(6, 40);
  write(clean, model, 0);
  write(clean, model, 6);
  const bytes = clean.readBytes(`${DIRECTORY}/snapshot.6`);
  for (const length of [0, 10, 100, bytes.length - 1]) {
    const disk = newDisk();
    disk.writeBytes(`${DIRECTORY}/snapshot.0`, clean.readBytes(`${DIRECTORY}/snapshot.0`));
    disk.writeBytes(`${DIRECTORY}/snapshot.6`, bytes.slice(0, length));
    const { error, sink, skipped } = recoverOn(disk);
    t.same([error, sink.snapshotZxid, skipped], [null, 0, 1], `${length} bytes of it`);
  }
});

await t.test('if no snapshot can be read nothing is, and nothing is changed', async (t) => {
  const disk = newDisk();
  write(disk, modelOf(3, 10), 3);
  const path = `${DIRECTORY}/snapshot.3`;
  disk.writeBytes(path, disk.readBytes(path).slice(0, 200));
  disk.writeBytes(`${DIRECTORY}/snapshot.1.gz`, new Uint8Array(100));
  const { error } = recoverOn(disk);
  t.equal(error?.code, 'corrupt');
  t.match(error?.message, /none of the 2 snapshots can be read: .*not written to its end.*is compressed/);
  t.same(disk.paths(), [`${DIRECTORY}/snapshot.1.gz`, path]);
});

function purgeOn(disk: SimDisk, retainCount: number): PurgeResult | undefined {
  return run(disk, purge({ directories: DIRECTORIES, retainCount })).result;
}

function withFiles(snapshots: readonly number[], logs: readonly number[]): SimDisk {
  const disk = newDisk();
  const model = modelOf(40, 100);
  for (const zxid of snapshots) write(disk, model, zxid);
  for (const zxid of logs) disk.writeBytes(`${DIRECTORY}/log.${zxid.toString(16)}`, new Uint8Array(16));
  return disk;
}

function namesOn(disk: SimDisk): string[] {
  return disk.paths().map((path) => path.slice(DIRECTORY.length + 1));
}

await t.test(
  'purging keeps the newest snapshots and the log that goes on from the oldest of them',
  async (t) => {
    const disk = withFiles([1, 3, 5, 7, 9], [1, 2, 4, 6, 8]);
    t.same(purgeOn(disk, 3), {
      keptFrom: 5,
      deleted: ['snapshot.1', 'snapshot.3', 'log.1', 'log.2'].map((name) => `${DIRECTORY}/${name}`),
    });
    t.same(namesOn(disk), ['log.4', 'log.6', 'log.8', 'snapshot.5', 'snapshot.7', 'snapshot.9']);
    const order = disk.trace.filter(({ type }) => type === 'unlink' || type === 'syncDirectory').slice(-6);
    t.match(order[2], { type: 'syncDirectory' }, 'the snapshots are gone for good before the logs go');
  },
);

await t.test('a damaged snapshot makes no other one superfluous (B26, ZOOKEEPER-3231)', async (t) => {
  const disk = withFiles([1, 3, 5, 7, 9], [1, 2, 4, 6, 8]);
  for (const name of ['snapshot.9', 'snapshot.5']) {
    const bytes = disk.readBytes(`${DIRECTORY}/${name}`).slice();
    bytes[200] = (bytes[200] as number) ^ 1;
    disk.writeBytes(`${DIRECTORY}/${name}`, bytes);
  }
  t.equal(purgeOn(disk, 3)?.keptFrom, 1);
  t.same(purgeOn(disk, 4), { keptFrom: null, deleted: [] });
  t.equal(namesOn(disk).length, 10);
});

await t.test(
  'sizes are those of the files of one kind; files in the wrong directory are refused',
  async (t) => {
    const disk = withFiles([1], [1, 2, 4]);
    const files = run(disk, listDataFiles(DIRECTORIES)).result;
    t.equal(run(disk, totalSize(files?.logs ?? [])).result, 48);
    disk.writeBytes('/logs/version-2/log.5', new Uint8Array(16));
    const separate = { snapshots: DIRECTORY, logs: '/logs/version-2' };
    t.match(run(disk, listDataFiles(separate)).error, { code: 'unsupported', path: `${DIRECTORY}/log.1` });
  },
);
