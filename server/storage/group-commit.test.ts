import t from 'tap';
import { Prng } from '../base/prng.ts';
import { nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { type DiskOp, SimDisk } from '../../harness/sim/sim-disk.ts';
import { StorageModel } from '../../harness/sim/storage-model.ts';
import { GroupCommit } from './group-commit.ts';
import { BATCH_BYTES_MAX, ENTRY_OVERHEAD_BYTES } from './log-format.ts';
import type { StorageError } from './storage-error.ts';

const DIRECTORY = '/data';

interface Setup {
  readonly disk: SimDisk;
  readonly log: GroupCommit;
  readonly durable: Zxid[];
  readonly failures: StorageError[];
  /** Appends so many entries of this length. */
  readonly add: (count: number, bytes?: number) => void;
}

function setUp(
  options: {
    preallocateBytes?: number;
    forceSync?: boolean;
    onDurable?: (upTo: Zxid, log: GroupCommit) => void;
  } = {},
): Setup {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  disk.run();
  const durable: Zxid[] = [];
  const failures: StorageError[] = [];
  const log: GroupCommit = new GroupCommit({
    disk,
    directory: DIRECTORY,
    lastDurable: ZXID_ZERO,
    txnSizeMax: 2 * BATCH_BYTES_MAX,
    preallocateBytes: options.preallocateBytes ?? 0,
    forceSync: options.forceSync ?? true,
    onDurable: (upTo) => {
      durable.push(upTo);
      options.onDurable?.(upTo, log);
    },
    onFailure: (error) => failures.push(error),
  });
  const model = new StorageModel();
  const prng = new Prng(1);
  const add = (count: number, bytes = 50): void => {
    for (let i = 0; i < count; i++) model.append(log, { zxid: nextZxid(log.lastAccepted), bytes, prng });
  };
  return { disk, log, durable, failures, add };
}

function countOf(disk: SimDisk, type: DiskOp['type']): number {
  return disk.trace.filter((op) => op.type === type).length;
}

await t.test('what gathers while a write runs goes to disk in one durable write', async (t) => {
  const { disk, log, durable, add } = setUp();
  add(1);
  log.flush();
  add(70);
  log.flush();
  t.equal(log.waiting, 71);
  disk.run();
  t.same(durable, [1, 71]);
  t.equal(countOf(disk, 'writeDurably'), 2);
  t.equal(countOf(disk, 'flush'), 0);
  t.equal(log.waiting, 0);
  t.equal(log.lastDurable, 71);
});

await t.test('nothing is reported before it is durable', async (t) => {
  const { disk, log, durable, add } = setUp();
  add(3);
  log.flush();
  while (disk.queued[0]?.type !== 'writeDurably') disk.step();
  t.same(durable, []);
  disk.step();
  t.same(durable, [3]);
});

await t.test('with forceSync=no nothing waits for the disk itself', async (t) => {
  const { disk, log, durable, add } = setUp({ forceSync: false });
  add(3);
  log.flush();
  disk.run();
  t.same(durable, [3]);
  t.equal(countOf(disk, 'writeDurably') + countOf(disk, 'flush'), 0);
});

await t.test('a write that the disk takes a part of is taken back and done again as a whole', async (t) => {
  const { disk, log, durable, add } = setUp();
  let left = 3;
  disk.faults = ({ type }) => (type === 'writeDurably' && left-- > 0 ? { bytesTaken: 33 } : null);
  add(5);
  log.flush();
  disk.run();
  t.same(durable, [5]);
  t.equal(countOf(disk, 'writeDurably'), 4);
  t.equal(countOf(disk, 'truncate'), 3);
  const whole = setUp();
  whole.add(5);
  whole.log.flush();
  whole.disk.run();
  t.same(disk.readBytes(`${DIRECTORY}/log.1`), whole.disk.readBytes(`${DIRECTORY}/log.1`));
});

await t.test('if it never takes all, the log has failed', async (t) => {
  const { disk, log, durable, add } = setUp();
  disk.faults = ({ type }) => (type === 'writeDurably' ? { bytesTaken: 33 } : null);
  add(5);
  log.flush();
  disk.run();
  t.same(durable, []);
  t.match(log.failure?.message, /of \d+ bytes the disk took 33, and no more in 32 tries/);
});

await t.test(
  'what a nearly full disk has no room for is the zeros behind a batch, not the batch',
  async (t) => {
    const { disk, log, durable, failures, add } = setUp({ preallocateBytes: 4096 });
    add(1);
    log.flush();
    disk.run();
    add(10, 400);
    log.flush();
    disk.run();
    // Is written with zeros behind it, and without them where they do not fit.
    disk.faults = ({ type }) => (type === 'writeDurably' ? { bytesTaken: 1000 } : null);
    add(1);
    log.flush();
    disk.run();
    t.same(failures, []);
    t.same(durable, [1, 11, 12]);
    t.equal(countOf(disk, 'truncate'), 1);
  },
);

await t.test('a txn longer than a reader accepts is refused, and its zxid is free again', async (t) => {
  const { disk, log, durable, add } = setUp();
  add(1);
  const writer = log.begin(2 as Zxid);
  writer.raw(new Uint8Array(2 * BATCH_BYTES_MAX + 1));
  t.notOk(log.end());
  t.equal(log.lastAccepted, 1);
  log.begin(2 as Zxid).int(7);
  log.abandon();
  add(1);
  log.flush();
  disk.run();
  t.same(durable, [2]);
});

await t.test('a file is named by its first zxid, and a new one begins after each roll', async (t) => {
  const { disk, log, durable, add } = setUp({ preallocateBytes: 8192 });
  add(4);
  log.roll();
  log.roll();
  add(2);
  log.roll();
  log.flush();
  disk.run();
  add(1);
  log.flush();
  disk.run();
  t.same(durable, [4, 6, 7]);
  t.same(
    disk.paths().filter((path) => path.includes('/log.')),
    ['/data/log.1', '/data/log.5', '/data/log.7'],
  );
});

await t.test('the name of a log is durable before anything in it is reported', async (t) => {
  const { disk, log, durable, add } = setUp({ preallocateBytes: 8192 });
  add(1);
  log.flush();
  while (durable.length === 0) disk.step();
  const order = disk.trace.filter(({ type }) => ['rename', 'syncDirectory', 'writeDurably'].includes(type));
  t.same(
    order.map(({ type }) => type),
    ['rename', 'syncDirectory', 'writeDurably'],
  );
});

await t.test(
  'the view of an entry is good until its report has returned, whatever is added meanwhile',
  async (t) => {
    const views = new Map<Zxid, { readonly view: Uint8Array; readonly copy: Uint8Array }>();
    const entry = (log: GroupCommit): void => {
      const zxid = nextZxid(log.lastAccepted);
      log.begin(zxid).raw(new Uint8Array(40).fill(zxid));
      log.end();
      const view = log.lastEntry();
      views.set(zxid, { view, copy: view.slice() });
    };
    let checked = 0;
    const { disk, log } = setUp({
      onDurable: (upTo, log) => {
        for (let i = 0; i < 3 && log.lastAccepted < 60; i++) entry(log);
        log.flush();
        for (const [zxid, { view, copy }] of views) {
          if (zxid > upTo) continue;
          t.same(view, copy, `entry ${zxid}`);
          views.delete(zxid);
          checked++;
        }
      },
    });
    entry(log);
    log.flush();
    for (let i = 0; i < 5; i++) entry(log);
    disk.run();
    t.equal(checked, log.lastAccepted);
  },
);

await t.test('an entry that fills its part is seen as it was written', (t) => {
  const { log } = setUp();
  const bytes = new Uint8Array(BATCH_BYTES_MAX).fill(7);
  log.begin(1 as Zxid).raw(bytes);
  log.end();
  t.ok(Buffer.from(log.lastEntry()).equals(bytes));
  t.end();
});

await t.test('no more than a bounded stretch is ever on its way to the disk', async (t) => {
  const { disk, log, durable, add } = setUp();
  add(5, BATCH_BYTES_MAX / 2);
  log.flush();
  disk.run();
  t.same(durable, [2, 4, 5]);
  t.ok(log.bytesSinceRoll > 5 * (BATCH_BYTES_MAX / 2 + ENTRY_OVERHEAD_BYTES));
});

await t.test(
  'a disk too full to prepare a log ahead still takes what fits, and fails only when it is full',
  async (t) => {
    const { disk, log, durable, failures, add } = setUp({ preallocateBytes: 1 << 20 });
    disk.faults = ({ type, path }) =>
      type === 'write' && path.endsWith('tmp.log.1') ? { errno: 'ENOSPC' } : null;
    disk.run();
    t.notOk(
      disk.paths().some((path) => path.includes('tmp.')),
      'what was begun is removed',
    );
    add(2);
    log.flush();
    disk.run();
    t.same(durable, [2]);
    t.same(failures, []);

    disk.faults = ({ type }) => (type === 'writeDurably' ? { errno: 'ENOSPC' } : null);
    add(1);
    log.flush();
    disk.run();
    t.same(durable, [2]);
    t.match(failures, [{ code: 'no-space' }]);
  },
);

await t.test('a full disk while a log is begun poisons it as well', async (t) => {
  const { disk, log, durable, failures, add } = setUp();
  disk.faults = ({ type }) => (type === 'syncDirectory' ? { errno: 'EIO' } : null);
  add(1);
  log.flush();
  disk.run();
  t.same(durable, []);
  t.equal(failures.length, 1);
  t.equal(log.failure, failures[0]);
});

await t.test('stopping flushes what has gathered and leaves no temporary file', async (t) => {
  const { disk, log, durable, add } = setUp({ preallocateBytes: 3 << 20 });
  add(3);
  log.flush();
  disk.step();
  add(2);
  let isStopped = false;
  log.stop(() => {
    isStopped = true;
    t.same(durable.at(-1), 5, 'everything was reported before');
  });
  disk.run();
  t.ok(isStopped);
  t.same(disk.paths(), ['/data/log.1']);
});
