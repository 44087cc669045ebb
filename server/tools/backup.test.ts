import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { StorageModel } from '../../harness/sim/storage-model.ts';
import { Prng } from '../base/prng.ts';
import { nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { runScript, type DiskScript } from '../storage/disk-script.ts';
import type { NamedFile } from '../storage/file-names.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { recover } from '../storage/recovery.ts';
import { StorageError } from '../storage/storage-error.ts';
import { backUp } from './backup.ts';
import { CheckedDatabase } from './checked-database.ts';
import { copyLog } from './copy-file.ts';
import { readLog } from './print-log.ts';
import { restore, type Restored, type RestorePoint } from './restore.ts';

const TESTDATA = resolve(import.meta.dirname, '../../../server/storage/testdata/apache-3.8.0');
const SOURCE = '/data/version-2';
const BACKUP = '/backup';
const TARGET = '/restored/version-2';
const TXN_SIZE_MAX = 64 << 10;
const LAST = 0x13 as Zxid;
const END: RestorePoint = { type: 'end' };

type Outcome<T> = { readonly value: T } | { readonly error: StorageError } | null;

/** Begins a script; what came of it is known once the disk has done its steps. */
function begin<T>(disk: SimDisk, script: DiskScript<T>): () => Outcome<T> {
  let outcome: Outcome<T> = null;
  runScript(disk, script, (error, value) => {
    outcome = error === null ? { value: value as T } : { error };
  });
  return () => outcome;
}

function attempt<T>(disk: SimDisk, script: DiskScript<T>): Exclude<Outcome<T>, null> {
  const outcome = begin(disk, script);
  disk.run();
  return outcome() as Exclude<Outcome<T>, null>;
}

function complete<T>(disk: SimDisk, script: DiskScript<T>): T {
  const outcome = attempt(disk, script);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** What a server of Apache's left: snapshots 0 and 0x10, logs from 1 and from 0x11. */
function diskOfApache(): SimDisk {
  const disk = new SimDisk();
  for (const name of readdirSync(TESTDATA)) {
    disk.writeBytes(`${SOURCE}/${name}`, readFileSync(join(TESTDATA, name)));
  }
  return disk;
}

const backUpScript = (fromOldest = true) =>
  backUp({
    directories: { snapshots: SOURCE, logs: SOURCE },
    to: BACKUP,
    txnSizeMax: TXN_SIZE_MAX,
    fromOldest,
  });

const restoreScript = (point: RestorePoint): DiskScript<Restored> =>
  restore({
    backup: BACKUP,
    directories: { snapshots: TARGET, logs: TARGET },
    point,
    txnSizeMax: TXN_SIZE_MAX,
  });

/** What a server that starts on the restored directory makes of it. */
function start(disk: SimDisk): Restored | 'nothing' | StorageError {
  const database = new CheckedDatabase();
  const options = { sink: database, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false };
  const outcome = attempt(disk, recover({ directories: { snapshots: TARGET, logs: TARGET }, ...options }));
  if ('error' in outcome) return outcome.error;
  if (outcome.value.snapshotZxid === null) return 'nothing';
  return { zxid: outcome.value.lastZxid, digest: database.digest };
}

/** The tree's digest after each txn of Apache's logs, as it was logged; an error changes nothing. */
function loggedDigests(): Map<Zxid, { readonly digest: bigint; readonly time: number }> {
  const disk = diskOfApache();
  const digests = new Map<Zxid, { digest: bigint; time: number }>();
  let last = 0n;
  for (const [name, zxid] of [
    ['log.1', 1],
    ['log.11', 0x11],
  ] as const) {
    complete(
      disk,
      readLog(
        { name, path: `${SOURCE}/${name}`, zxid: zxid as Zxid },
        {
          txnSizeMax: TXN_SIZE_MAX,
          onTxn({ header, digest }) {
            if (digest !== null) last = digest.treeDigest;
            digests.set(header.zxid, { digest: last, time: header.time });
          },
        },
      ),
    );
  }
  return digests;
}

await t.test('each zxid of a backup can be restored, and has the digest that was logged there', async (t) => {
  const logged = loggedDigests();
  t.equal(logged.size, LAST);
  for (const [zxid, { digest, time }] of logged) {
    const disk = diskOfApache();
    const manifest = complete(disk, backUpScript());
    t.equal(manifest.lastZxid, LAST);
    t.equal(manifest.treeDigest, logged.get(LAST)?.digest);
    const restored = complete(disk, restoreScript({ type: 'zxid', zxid }));
    t.same(restored, { zxid, digest });
    t.same(start(disk), { zxid, digest });

    const byTime = diskOfApache();
    complete(byTime, backUpScript());
    const at = complete(byTime, restoreScript({ type: 'time', timeMs: time }));
    t.equal(at.digest, logged.get(at.zxid)?.digest);
    t.ok(at.zxid >= zxid && (logged.get(at.zxid)?.time ?? Infinity) <= time, 'the last one of that time');
  }
});

await t.test(
  'a backup begins at the newest snapshot unless told, and says what it does not have',
  async (t) => {
    const disk = diskOfApache();
    t.equal(complete(disk, backUpScript(false)).firstZxid, 0x10);
    for (const zxid of [0xf, 0x14]) {
      const outcome = attempt(disk, restoreScript({ type: 'zxid', zxid: zxid as Zxid }));
      t.match(outcome, { error: { code: 'unsupported', message: /goes from 0x10 to 0x13/ } });
    }
    t.equal(start(disk), 'nothing');
  },
);

await t.test('neither writes over anything', async (t) => {
  const disk = diskOfApache();
  complete(disk, backUpScript());
  t.match(attempt(disk, backUpScript()), { error: { code: 'unsupported', message: /not empty/ } });
  complete(disk, restoreScript(END));
  t.match(attempt(disk, restoreScript(END)), { error: { code: 'unsupported', message: /not empty/ } });
  t.equal((start(disk) as Restored).zxid, LAST);
});

/** What a power cut leaves is drawn; so often after each step. */
const CRASHES = 6;

/** Cuts the power after each number of steps, as long as there are steps left. */
function* powerCuts(
  prepare: () => SimDisk,
  script: () => DiskScript<unknown>,
): Generator<{ steps: number; disk: SimDisk }> {
  for (let cut = 0; ; cut++) {
    const steps = Math.floor(cut / CRASHES);
    const disk = prepare();
    const outcome = begin(disk, script());
    for (let i = 0; i < steps; i++) disk.step();
    if (outcome() !== null) return;
    yield { steps, disk: disk.crash(new Prng(cut)) };
  }
}

await t.test('a power cut in a backup leaves none, or a whole one', async (t) => {
  let cuts = 0;
  for (const { steps, disk } of powerCuts(diskOfApache, backUpScript)) {
    cuts++;
    const outcome = attempt(disk, restoreScript(END));
    if ('error' in outcome)
      t.match(outcome.error.message, /manifest\.json is not there/, `after ${steps} steps`);
    else t.equal(outcome.value.zxid, LAST, `after ${steps} steps`);
  }
  t.ok(cuts > 30, `${cuts} cuts`);
});

function diskWithBackup(): SimDisk {
  const disk = diskOfApache();
  complete(disk, backUpScript());
  return disk;
}

await t.test('a power cut in a restore leaves what no server starts on, or all of it', async (t) => {
  const point: RestorePoint = { type: 'zxid', zxid: 0x12 as Zxid };
  let refused = 0;
  for (const { steps, disk } of powerCuts(diskWithBackup, () => restoreScript(point))) {
    const found = start(disk);
    if (found === 'nothing') continue;
    if (found instanceof StorageError) {
      t.equal(found.code, 'no-snapshot', `after ${steps} steps: ${found.message}`);
      refused++;
    } else t.equal(found.zxid, 0x12, `after ${steps} steps`);
  }
  t.ok(refused > 0, 'some cuts came between the names');
});

await t.test('a backup with a flipped bit is refused, whichever it is', async (t) => {
  const whole = diskOfApache();
  complete(whole, backUpScript());
  const paths = whole.paths().filter((path) => /^\/backup\/(log|snapshot)/.test(path));
  t.equal(paths.length, 3);
  for (const path of paths) {
    const { length } = whole.readBytes(path);
    for (let at = 0; at < length; at += 23) {
      const disk = diskOfApache();
      complete(disk, backUpScript());
      const bytes = disk.readBytes(path).slice();
      bytes[at] = (bytes[at] as number) ^ 4;
      disk.writeBytes(path, bytes);
      const outcome = attempt(disk, restoreScript(END));
      // A file's id, which nobody reads, is all that may differ.
      const isId = at >= 8 && at < 16;
      if (!('error' in outcome)) t.ok(isId, `${path}, byte ${at} was taken`);
      else t.equal(start(disk), 'nothing', `${path}, byte ${at}: ${outcome.error.message}`);
    }
  }
});

await t.test('so is one whose manifest names another digest', async (t) => {
  const disk = diskOfApache();
  const { treeDigest } = complete(disk, backUpScript());
  const manifest = Buffer.from(disk.readBytes(`${BACKUP}/manifest.json`)).toString();
  const other = manifest.replace(treeDigest.toString(16), (treeDigest ^ 1n).toString(16));
  disk.writeBytes(`${BACKUP}/manifest.json`, Buffer.from(other));
  t.match(attempt(disk, restoreScript(END)), { error: { code: 'corrupt', message: /digest of the tree/ } });
  t.equal(start(disk), 'nothing');
});

/** A log from 1 on that a server is writing; as much of it as `write` has been called for. */
function logBeingWritten(prng: Prng): {
  readonly disk: SimDisk;
  readonly file: NamedFile;
  readonly log: GroupCommit;
  readonly write: () => void;
} {
  const disk = new SimDisk();
  disk.writeBytes(`${SOURCE}/snapshot.0`, new Uint8Array(0));
  const model = new StorageModel();
  const log = new GroupCommit({
    disk,
    directory: SOURCE,
    lastDurable: ZXID_ZERO,
    txnSizeMax: TXN_SIZE_MAX,
    preallocateBytes: 1 << 20,
    forceSync: true,
    onDurable: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  const write = (): void => {
    for (let i = 0; i <= prng.below(4); i++) {
      model.append(log, { zxid: nextZxid(log.lastAccepted), bytes: prng.below(3000), prng });
    }
    log.flush();
  };
  write();
  return { disk, file: { name: 'log.1', path: `${SOURCE}/log.1`, zxid: 1 as Zxid }, log, write };
}

await t.test(
  'a log that is being written is copied up to a whole txn, with all that was durable',
  async (t) => {
    for (let seed = 0; seed < 60; seed++) {
      const prng = new Prng(seed);
      const { disk, file, log, write } = logBeingWritten(prng);
      disk.run();
      const durableBefore = log.lastDurable;
      const copied = begin(
        disk,
        copyLog(file, `${SOURCE}/copy`, { txnSizeMax: TXN_SIZE_MAX, upTo: 1e9 as Zxid }),
      );
      while (copied() === null) {
        if (prng.next() < 0.5) write();
        disk.step(prng);
      }
      t.match(copied(), { value: { bytes: Number } }, `seed ${seed}`);
      const copy = { ...file, path: `${SOURCE}/copy` };
      const { lastZxid, torn } = complete(
        disk,
        readLog(copy, { txnSizeMax: TXN_SIZE_MAX, onTxn: () => undefined }),
      );
      t.ok((lastZxid ?? 0) >= durableBefore, `seed ${seed}: ${lastZxid} of ${durableBefore}`);
      t.equal(torn, null, `seed ${seed}`);
    }
  },
);

await t.test('one that has just been begun is not taken for damaged', async (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const prng = new Prng(seed);
    const { disk, file, write } = logBeingWritten(prng);
    while (!disk.paths().includes(file.path)) disk.step();
    const copied = begin(
      disk,
      copyLog(file, `${SOURCE}/copy`, { txnSizeMax: TXN_SIZE_MAX, upTo: 1e9 as Zxid }),
    );
    while (copied() === null) {
      write();
      disk.step(prng);
    }
    t.match(copied(), { value: Object }, `seed ${seed}`);
  }
});
