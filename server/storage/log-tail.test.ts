import t from 'tap';
import { Prng } from '../base/prng.ts';
import { makeZxid, nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { ModelSink, StorageModel, writeModelTxn } from '../../harness/sim/storage-model.ts';
import { runScript } from './disk-script.ts';
import { GroupCommit } from './group-commit.ts';
import { ENTRY_OVERHEAD_BYTES, LOG_HEADER_BYTES, TAIL_MARK_BYTES } from './log-format.ts';
import { recover, type Recovery } from './recovery.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import type { StorageError } from './storage-error.ts';

const DIRECTORY = '/data/version-2';
const LOG = `${DIRECTORY}/log.1`;
const TXN_SIZE_MAX = 64 << 10;
const BATCHES = 3;
const BATCH_ENTRIES = 4;
const LAST = (BATCHES * BATCH_ENTRIES) as Zxid;
const BEFORE_LAST_BATCH = ((BATCHES - 1) * BATCH_ENTRIES) as Zxid;

interface WrittenLog {
  readonly bytes: Uint8Array;
  readonly snapshot: Uint8Array;
  /** Where each entry begins, and where the last one ends. */
  readonly offsets: readonly number[];
}

function newLog(preallocateBytes: number): { disk: SimDisk; log: GroupCommit; model: StorageModel } {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  const model = new StorageModel();
  runScript(disk, writeSnapshot({ directory: DIRECTORY, source: model.snapshot(ZXID_ZERO) }), (error) => {
    if (error !== null) throw error;
  });
  disk.run();
  const log = new GroupCommit({
    disk,
    directory: DIRECTORY,
    lastDurable: ZXID_ZERO,
    txnSizeMax: TXN_SIZE_MAX,
    preallocateBytes,
    forceSync: true,
    onDurable: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  return { disk, log, model };
}

/** A log of three batches of four entries each, its entries from 60 to 700 bytes long. */
function writeLog(): WrittenLog {
  const { disk, log, model } = newLog(16_384);
  const prng = new Prng(7);
  const offsets = [LOG_HEADER_BYTES];
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let i = 0; i < BATCH_ENTRIES; i++) {
      const before = log.bytesSinceRoll;
      model.append(log, { zxid: nextZxid(log.lastAccepted), bytes: 10 + prng.below(600), prng });
      offsets.push((offsets.at(-1) as number) + log.bytesSinceRoll - (i === 0 && batch === 0 ? 0 : before));
    }
    log.flush();
    disk.run();
  }
  return { bytes: disk.readBytes(LOG).slice(), snapshot: disk.readBytes(`${DIRECTORY}/snapshot.0`), offsets };
}

/** A log of one entry and then, in a second batch, four; as it was before the second batch and after it. */
function writeTwoBatches(shift: number): {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly lastBatchAt: number;
} {
  const { disk, log, model } = newLog(4096);
  const prng = new Prng(shift);
  const append = (bytes: number): boolean =>
    model.append(log, { zxid: nextZxid(log.lastAccepted), bytes, prng });
  append(shift);
  log.flush();
  disk.run();
  const before = disk.readBytes(LOG).slice();
  const lastBatchAt = LOG_HEADER_BYTES + log.bytesSinceRoll;
  for (let i = 0; i < 4; i++) append(150);
  log.flush();
  disk.run();
  const after = disk.readBytes(LOG).slice();
  return { before, after, snapshot: disk.readBytes(`${DIRECTORY}/snapshot.0`), lastBatchAt };
}

interface Outcome {
  readonly disk: SimDisk;
  readonly sink: ModelSink;
  readonly error: StorageError | null;
  readonly recovery: Recovery | undefined;
}

function recoverWith(written: Pick<WrittenLog, 'snapshot'>, log: Uint8Array, later?: Uint8Array): Outcome {
  const disk = new SimDisk();
  disk.writeBytes(`${DIRECTORY}/snapshot.0`, written.snapshot);
  disk.writeBytes(LOG, log);
  if (later !== undefined) disk.writeBytes(`${DIRECTORY}/log.${(LAST + 1).toString(16)}`, later);
  return recoverOn(disk);
}

function recoverOn(disk: SimDisk): Outcome {
  const outcome = beginRecovery(disk);
  disk.run();
  return outcome();
}

function beginRecovery(disk: SimDisk): () => Outcome {
  const sink = new ModelSink();
  const directories = { snapshots: DIRECTORY, logs: DIRECTORY };
  const options = { directories, sink, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false };
  let outcome: Outcome = { disk, sink, error: null, recovery: undefined };
  runScript(disk, recover(options), (error, recovery) => {
    outcome = { disk, sink, error, recovery };
  });
  return () => outcome;
}

/** These txns and a snapshot at 2, damaged. */
function recoverAfter(zxids: readonly Zxid[]): Outcome {
  const { disk, log, model } = newLog(4096);
  const prng = new Prng(1);
  for (const zxid of zxids) model.append(log, { zxid, bytes: 100, prng });
  log.flush();
  disk.run();
  const path = `${DIRECTORY}/snapshot.2`;
  runScript(disk, writeSnapshot({ directory: DIRECTORY, source: model.snapshot(2 as Zxid) }), (error) => {
    if (error !== null) throw error;
  });
  disk.run();
  const bytes = disk.readBytes(path).slice();
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] as number) ^ 1;
  disk.writeBytes(path, bytes);
  return recoverOn(disk);
}

const written = writeLog();
const batchStart = written.offsets[BEFORE_LAST_BATCH] as number;
const logEnd = written.offsets[LAST] as number;

await t.test('a log that ends cleanly is read to its end and left as it is', async (t) => {
  const { error, recovery, disk } = recoverWith(written, written.bytes);
  t.equal(error, null);
  t.equal(recovery?.lastZxid, LAST);
  t.same(recovery?.torn, []);
  t.same(disk.readBytes(LOG), written.bytes);
});

await t.test(
  'a last batch cut short at any byte loses what was cut and nothing else, silently',
  async (t) => {
    const faults: string[] = [];
    for (const asHole of [true, false]) {
      for (let cut = batchStart; cut < logEnd; cut++) {
        const bytes = asHole ? written.bytes.slice() : written.bytes.slice(0, cut);
        if (asHole) bytes.fill(0, cut);
        const { error, recovery, disk } = recoverWith(written, bytes);
        const expected = written.offsets.findLastIndex((offset) => offset <= cut);
        if (error !== null || recovery?.lastZxid !== expected) {
          faults.push(`cut at ${cut}: ${error?.message ?? recovery?.lastZxid} instead of ${expected}`);
          continue;
        }
        const again = recoverOn(disk);
        if (again.error !== null || again.recovery?.torn.length !== 0) {
          faults.push(`cut at ${cut}: the second recovery found something left to do`);
        }
      }
    }
    t.same(faults, []);
    t.ok(logEnd - batchStart > 500);
  },
);

await t.test('any sector of the last batch may be unwritten, wherever the batch begins', async (t) => {
  const faults: string[] = [];
  for (let shift = 0; shift < 512; shift++) {
    const { before, after, snapshot, lastBatchAt } = writeTwoBatches(shift);
    for (let sector = lastBatchAt - (lastBatchAt % 512); sector < lastBatchAt + 1024; sector += 512) {
      const bytes = after.slice();
      bytes.set(before.subarray(sector, sector + 512), sector);
      const { error, recovery } = recoverWith({ snapshot }, bytes);
      if (error !== null || (recovery?.lastZxid ?? 0) < 1) {
        faults.push(
          `batch at ${lastBatchAt}, sector at ${sector}: ${error?.message ?? 'the first batch is lost'}`,
        );
      }
    }
  }
  t.same(faults, []);
});

await t.test('a torn txn whose data is a piece of a log is torn all the same', async (t) => {
  const { disk, log } = newLog(4096);
  const zxid = makeZxid(1, 1);
  writeModelTxn(log.begin(zxid), zxid, written.bytes.slice(0, 8192));
  t.ok(log.end());
  log.flush();
  disk.run();
  const whole = disk.readBytes(`${DIRECTORY}/log.${zxid.toString(16)}`).slice();
  const end = LOG_HEADER_BYTES + log.bytesSinceRoll;
  const faults: string[] = [];
  for (let from = 0; from < end; from += 512) {
    for (let to = from + 512; to < end + 512; to += 512) {
      const bytes = whole.slice();
      bytes.fill(0, from, to);
      const { error } = recoverWith(written, bytes);
      if (error !== null) faults.push(`without [${from}, ${to}): ${error.message}`);
    }
  }
  t.same(faults, []);
});

await t.test(
  'a bit flipped anywhere before the last batch is refused with the place, and nothing is written',
  async (t) => {
    const faults: string[] = [];
    const prng = new Prng(1);
    for (let at = LOG_HEADER_BYTES; at < batchStart; at++) {
      const bytes = written.bytes.slice();
      bytes[at] = (bytes[at] as number) ^ (1 << prng.below(8));
      const { error, disk } = recoverWith(written, bytes);
      const entryAt = written.offsets.findLast((offset) => offset <= at) as number;
      if (error?.code !== 'corrupt' || !error.message.includes(`${LOG} is damaged at byte ${entryAt}:`)) {
        faults.push(`flipped at ${at}: ${error?.message ?? 'accepted'}`);
        continue;
      }
      const changes = disk.trace.filter(
        ({ type }) => !['list', 'open', 'read', 'size', 'close'].includes(type),
      );
      if (changes.length > 0) {
        faults.push(`flipped at ${at}: ${changes[0]?.type} ${changes[0]?.path}`);
      }
    }
    t.same(faults, []);
    t.ok(batchStart > 1000);
  },
);

await t.test('a bit flipped in a last batch that was written whole is refused too', async (t) => {
  const faults: string[] = [];
  for (let at = batchStart; at < logEnd; at++) {
    const bytes = written.bytes.slice();
    bytes[at] = (bytes[at] as number) ^ 1;
    const { error } = recoverWith(written, bytes);
    if (error?.code !== 'corrupt') faults.push(`flipped at ${at}: accepted`);
  }
  t.same(faults, []);
  t.ok(logEnd - batchStart > 500);
});

await t.test(
  'an entry whose length is damaged is so without a mark, too, as in a log of Apache',
  async (t) => {
    const { length } = written.offsets;
    for (let entry = 0; entry < length - 2; entry++) {
      const lengthAt = (written.offsets[entry] as number) + 8;
      for (let bit = 0; bit < 32; bit++) {
        const bytes = written.bytes.slice().fill(0, logEnd);
        const at = lengthAt + 3 - (bit >> 3);
        bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
        t.equal(recoverWith(written, bytes).error?.code, 'corrupt', `entry ${entry}, bit ${bit}`);
      }
    }
  },
);

await t.test('a log that was cut has a mark again: what is left of it is guarded as before', async (t) => {
  const faults: string[] = [];
  const cut = recoverWith(written, written.bytes.slice(0, logEnd - 3));
  t.equal(cut.recovery?.lastZxid, LAST - 1);
  const whole = cut.disk.readBytes(LOG).slice();
  for (let at = LOG_HEADER_BYTES; at < (written.offsets[LAST - 1] as number); at++) {
    const bytes = whole.slice();
    bytes[at] = (bytes[at] as number) ^ 1;
    if (recoverWith(written, bytes).error?.code !== 'corrupt') faults.push(`flipped at ${at}: accepted`);
  }
  t.same(faults, []);
  t.equal(recoverWith(written, whole).recovery?.lastZxid, LAST - 1, 'and it is clean');
});

await t.test('a damaged tail mark costs nothing', async (t) => {
  for (let at = logEnd; at < logEnd + TAIL_MARK_BYTES; at++) {
    const bytes = written.bytes.slice();
    bytes[at] = (bytes[at] as number) ^ 0x10;
    t.equal(recoverWith(written, bytes).recovery?.lastZxid, LAST, `flipped at ${at}`);
  }
});

await t.test('a sector zeroed before the last batch is damage, in the last batch a torn write', async (t) => {
  for (let sector = 0; sector < logEnd; sector += 512) {
    const bytes = written.bytes.slice();
    bytes.fill(0, sector, sector + 512);
    const { error, recovery } = recoverWith(written, bytes);
    if (sector >= batchStart) {
      t.equal(error, null, `sector at ${sector}`);
      t.ok((recovery?.lastZxid ?? 0) >= BEFORE_LAST_BATCH);
    } else {
      t.equal(error?.code, 'corrupt', `sector at ${sector}`);
    }
  }
});

await t.test(
  'a torn log followed by another one is refused, and so are a gap and a missing header',
  async (t) => {
    const later = new Uint8Array(4096);
    later.set(written.bytes.subarray(0, LOG_HEADER_BYTES));
    const first = writeEntriesOf(written, 1);
    later.set(first, LOG_HEADER_BYTES);

    const torn = recoverWith(written, written.bytes.slice(0, logEnd - 3), later);
    t.equal(torn.error?.code, 'corrupt');
    t.match(torn.error?.message, /log\.d follows it/);

    const backwards = recoverWith(written, written.bytes, later);
    t.match(backwards.error?.message, /0x1 comes after 0xc/);

    const gap = new Uint8Array(written.bytes.length);
    gap.set(written.bytes.subarray(0, written.offsets[5]));
    gap.set(written.bytes.subarray(written.offsets[6]), written.offsets[5]);
    t.match(
      recoverWith(written, gap).error?.message,
      /0x7 follows 0x5; the transactions between them are missing/,
    );

    const foreign = written.bytes.slice();
    foreign[0] = 0x41;
    t.match(recoverWith(written, foreign).error?.message, /does not begin as a transaction log/);
  },
);

await t.test(
  'a newest log that is empty, has part of a header or nothing but one is removed (B46, ZOOKEEPER-2332, 1621)',
  async (t) => {
    const pieces = [0, 1, 7, 15, LOG_HEADER_BYTES].map((length) => {
      const later = new Uint8Array(length === LOG_HEADER_BYTES ? 4096 : length);
      later.set(written.bytes.subarray(0, length));
      return later;
    });
    // Written in two calls, of which the second came to the disk.
    pieces.push(pieces[2]?.slice().fill(0, 0, 3) ?? new Uint8Array(0));
    for (const later of pieces) {
      const { length } = later;
      const { error, recovery, disk } = recoverWith(written, written.bytes, later);
      t.equal(error, null, `${length} bytes`);
      t.equal(recovery?.lastZxid, LAST);
      t.notOk(disk.paths().includes(`${DIRECTORY}/log.d`));
    }
  },
);

await t.test('what a first recovery was about to remove is not in the way of the next', async (t) => {
  // Of Apache, without a mark, and the first entry of the log behind it torn.
  const unmarked = written.bytes.slice().fill(0, logEnd);
  const later = written.bytes.slice(0, 40);
  const faults: string[] = [];
  for (let seed = 0; seed < 400; seed++) {
    const prng = new Prng(seed);
    const disk = new SimDisk();
    disk.writeBytes(`${DIRECTORY}/snapshot.0`, written.snapshot);
    disk.writeBytes(LOG, unmarked);
    disk.writeBytes(`${DIRECTORY}/log.d`, later);
    beginRecovery(disk);
    for (let steps = prng.below(60); steps > 0; steps--) disk.step();
    const { error, recovery } = recoverOn(disk.crash(prng));
    if (error !== null) faults.push(`seed ${seed}: ${error.message}`);
    else if (recovery?.lastZxid !== LAST) faults.push(`seed ${seed}: ${recovery?.lastZxid}`);
  }
  t.same(faults, []);
});

await t.test('an epoch beyond 2^21 is refused before it becomes a zxid', async (t) => {
  const disk = new SimDisk();
  disk.writeBytes(`${DIRECTORY}/snapshot.0`, written.snapshot);
  disk.writeBytes(`${DIRECTORY}/log.20000000000001`, written.bytes);
  t.match(recoverOn(disk).error, { code: 'unsupported', message: /epoch above 2097151/ });
});

await t.test(
  'an older snapshot does for a damaged one where the log leads through it, whatever was logged later (seed 53000327)',
  async (t) => {
    const later = [makeZxid(1, 1), makeZxid(1, 2)];
    t.equal(recoverAfter([1 as Zxid, 2 as Zxid, ...later]).recovery?.lastZxid, makeZxid(1, 2));
    const { error } = recoverAfter(later);
    t.equal(error?.code, 'corrupt');
    t.match(error?.message, /snapshot\.2 .*No log leads up to it from the snapshot before/);
  },
);

await t.test('a log without a snapshot is refused', async (t) => {
  const disk = new SimDisk();
  disk.writeBytes(LOG, written.bytes);
  const { error, sink } = recoverOn(disk);
  t.equal(error?.code, 'no-snapshot');
  t.equal(sink.values.size, 0);
});

function writeEntriesOf(from: WrittenLog, count: number): Uint8Array {
  const bytes = from.bytes.slice(from.offsets[0], from.offsets[count]);
  t.ok(bytes.length > ENTRY_OVERHEAD_BYTES);
  return bytes;
}
