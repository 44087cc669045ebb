import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import type { DiskFile } from '../../server/storage/disk.ts';
import { type DiskScript, flushFile, openFile, renameFile } from '../../server/storage/disk-script.ts';
import { runScript, syncDirectory, writeFile } from '../../server/storage/disk-script.ts';
import { SimDisk } from './sim-disk.ts';

const SEEDS = 300;

function run<T>(disk: SimDisk, script: DiskScript<T>): T {
  let value: T | undefined;
  runScript(disk, script, (error, result) => {
    if (error !== null) throw error;
    value = result;
  });
  disk.run();
  return value as T;
}

function newDisk(): SimDisk {
  const disk = new SimDisk();
  disk.mkdir('/d', () => undefined);
  disk.run();
  return disk;
}

function* written(path: string, bytes: Uint8Array): DiskScript<DiskFile> {
  const file = yield* openFile(path, 'create');
  yield* writeFile(file, [bytes], 0);
  return file;
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** What each of many crashes of the same disk leaves, as one word each, with how often. */
function crashes(prepare: () => SimDisk, describe: (image: SimDisk) => string): Map<string, number> {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const word = describe(prepare().crash(new Prng(seed)));
    seen.set(word, (seen.get(word) ?? 0) + 1);
  }
  return seen;
}

await t.test('what has been flushed and named survives every crash', async (t) => {
  const seen = crashes(flushedFile, (image) =>
    image.readBytes('/d/x').every((byte) => byte === 7) ? 'whole' : 'torn',
  );
  t.same([...seen], [['whole', SEEDS]]);
});

await t.test(
  'of a write that was not flushed all, none, a beginning or any sectors may survive',
  async (t) => {
    const seen = crashes(unflushedWrite, (image) => {
      const bytes = image.readBytes('/d/x');
      const middle = bytes.subarray(100, 2148);
      const changed = middle.filter((byte) => byte === 2).length;
      t.ok(
        bytes.subarray(0, 100).every((byte) => byte === 1),
        'nothing else changes',
      );
      if (changed === 2048) return 'all';
      if (changed === 0) return 'none';
      return middle.subarray(0, changed).every((byte) => byte === 2) ? 'beginning' : 'sectors';
    });
    t.same([...seen.keys()].sort(), ['all', 'beginning', 'none', 'sectors']);
  },
);

await t.test(
  'a durable write that was answered survives every crash, and nothing else does by it',
  async (t) => {
    const seen = crashes(durableWrite, (image) => {
      const bytes = image.readBytes('/d/x');
      t.same(bytes.subarray(1000, 2000), filled(1000, 3));
      return bytes.subarray(0, 1000).every((byte) => byte === 2) ? 'whole' : 'torn';
    });
    t.same([...seen.keys()].sort(), ['torn', 'whole']);
  },
);

await t.test('of a durable write that was not answered any part may survive', async (t) => {
  const seen = crashes(unansweredDurableWrite, (image) => {
    const changed = image.readBytes('/d/x').filter((byte) => byte === 2).length;
    return changed === 0 ? 'none' : changed === 2048 ? 'all' : 'a part';
  });
  t.same([...seen.keys()].sort(), ['a part', 'all', 'none']);
});

await t.test('of one that failed any part is there, for readers and after a crash', async (t) => {
  const seen = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const disk = flushedFile();
    const file = run(disk, openFile('/d/x', 'durable'));
    disk.failedWriteParts = new Prng(seed);
    disk.faults = ({ type }) => (type === 'writeDurably' ? { errno: 'EIO' } : null);
    t.throws(() => run(disk, writeFile(file, [filled(2048, 2)], 100)), { code: 'io', errno: 'EIO' });
    const bytes = disk.readBytes('/d/x').slice();
    t.ok(Buffer.from(disk.crash(new Prng(seed)).readBytes('/d/x')).equals(bytes), `seed ${seed}`);
    const changed = bytes.filter((byte) => byte === 2).length;
    seen.add(changed === 0 ? 'none' : changed === 2048 ? 'all' : 'a part');
  }
  t.same([...seen].sort(), ['a part', 'all', 'none']);
});

await t.test('a durable file that is read, or written to twice at a time, is a bug', async (t) => {
  const disk = flushedFile();
  const file = run(disk, openFile('/d/x', 'durable'));
  t.throws(() => file.read(new Uint8Array(1), 0, () => undefined), /is not read/);
  file.write([filled(1, 2)], 0, () => undefined);
  t.throws(() => file.write([filled(1, 2)], 1, () => undefined), /two writes at a time/);
  disk.run();
  run(disk, writeFile(file, [filled(1, 2)], 1));
});

await t.test('a rename that was not synchronised may be lost, never half done', async (t) => {
  const seen = crashes(unsyncedRename, (image) => image.paths().join());
  t.same([...seen.keys()].sort(), ['/d/new', '/d/old']);
});

await t.test(
  'after a failed flush the bytes can be read, and no later flush makes them durable',
  async (t) => {
    const disk = newDisk();
    const file = run(disk, written('/d/x', filled(10, 1)));
    run(disk, syncDirectory('/d'));
    disk.faults = ({ type }) => (type === 'flush' ? { errno: 'EIO' } : null);
    t.throws(() => run(disk, flushFile(file)), { code: 'io', errno: 'EIO' });
    disk.faults = () => null;
    run(disk, flushFile(file));
    t.same(disk.readBytes('/d/x'), filled(10, 1));
    t.same(disk.crash(new Prng(1)).readBytes('/d/x'), new Uint8Array(0));
  },
);

await t.test('the same seed leaves the same disk', async (t) => {
  t.same(imageOfSeed11().paths(), imageOfSeed11().paths());
  for (const path of imageOfSeed11().paths())
    t.same(imageOfSeed11().readBytes(path), imageOfSeed11().readBytes(path));
});

function flushedFile(): SimDisk {
  const disk = newDisk();
  const file = run(disk, written('/d/x', filled(3000, 7)));
  run(disk, flushFile(file));
  run(disk, syncDirectory('/d'));
  return disk;
}

function unflushedWrite(): SimDisk {
  const disk = newDisk();
  const file = run(disk, written('/d/x', filled(4096, 1)));
  run(disk, flushFile(file));
  run(disk, syncDirectory('/d'));
  run(disk, writeFile(file, [filled(2048, 2)], 100));
  return disk;
}

/** Over a write that was not flushed. */
function durableWrite(): SimDisk {
  const disk = unflushedWrite();
  run(disk, writeFile(run(disk, openFile('/d/x', 'write')), [filled(3000, 2)], 0));
  run(disk, writeFile(run(disk, openFile('/d/x', 'durable')), [filled(1000, 3)], 1000));
  return disk;
}

function unansweredDurableWrite(): SimDisk {
  const disk = flushedFile();
  const file = run(disk, openFile('/d/x', 'durable'));
  file.write([filled(2048, 2)], 100, () => undefined);
  return disk;
}

function unsyncedRename(): SimDisk {
  const disk = newDisk();
  run(disk, flushFile(run(disk, written('/d/old', filled(10, 1)))));
  run(disk, syncDirectory('/d'));
  run(disk, renameFile('/d/old', '/d/new'));
  return disk;
}

function imageOfSeed11(): SimDisk {
  const disk = newDisk();
  run(disk, written('/d/x', filled(5000, 3)));
  run(disk, written('/d/y', filled(5000, 4)));
  return disk.crash(new Prng(11));
}
