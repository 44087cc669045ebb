import t from 'tap';
import { Prng } from '../base/prng.ts';
import { nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { ModelSink, recoveryFault, StorageModel, writeModelTxn } from '../../harness/sim/storage-model.ts';
import { runScript, type DiskScript } from './disk-script.ts';
import { GroupCommit } from './group-commit.ts';
import { recover, type Recovery } from './recovery.ts';
import { purge } from './purge.ts';
import { type SnapshotSource, writeSnapshot } from './snapshot-writer.ts';
import { StorageError } from './storage-error.ts';

const DIRECTORY = '/data/version-2';
const DIRECTORIES = { snapshots: DIRECTORY, logs: DIRECTORY };
const TXN_SIZE_MAX = 64 << 10;

function complete<T>(disk: SimDisk, script: DiskScript<T>): T {
  let outcome: { readonly error: StorageError | null; readonly result: T | undefined } | null = null;
  runScript(disk, script, (error, result) => {
    outcome = { error, result };
  });
  disk.run();
  const { error, result } = outcome as unknown as { error: StorageError | null; result: T };
  if (error !== null) throw error;
  return result;
}

function recoverAll(disk: SimDisk, sink: ModelSink): Recovery {
  return complete(
    disk,
    recover({ directories: DIRECTORIES, sink, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false }),
  );
}

/** One process's life on a disk: recover, then write until it is cut off. */
class Life {
  readonly model = new StorageModel();
  readonly disk: SimDisk;
  readonly log: GroupCommit;
  durable: Zxid;
  failure: StorageError | null = null;
  failureCount = 0;
  /** Of snapshots and purges there is never more than one at a time. */
  #isScriptRunning = false;

  constructor(disk: SimDisk, preallocateBytes: number) {
    this.disk = disk;
    const sink = new ModelSink();
    const { lastZxid, snapshotZxid } = recoverAll(disk, sink);
    for (const [zxid, data] of sink.values) this.model.values.set(zxid, data);
    if (snapshotZxid === null) {
      complete(disk, writeSnapshot({ directory: DIRECTORY, source: this.model.snapshot(ZXID_ZERO) }));
    }
    this.durable = lastZxid;
    this.log = new GroupCommit({
      disk,
      directory: DIRECTORY,
      lastDurable: lastZxid,
      txnSizeMax: TXN_SIZE_MAX,
      preallocateBytes,
      forceSync: true,
      onDurable: (upTo) => {
        this.durable = upTo;
      },
      onFailure: (error) => {
        this.failure = error;
        this.failureCount++;
      },
    });
  }

  /** Works until the disk has done `steps` steps: writes, rolls, snapshots, purges, as the `prng` says. */
  work(prng: Prng, steps: number): void {
    const sizes = prng.fork('sizes');
    for (let done = 0; done < steps;) {
      const roll = prng.next();
      if (roll < 0.6) this.append(sizes, 1 + prng.below(4));
      else if (roll < 0.65) this.log.roll();
      else if (roll < 0.68) this.#run(writeSnapshot({ directory: DIRECTORY, source: this.#source() }));
      else if (roll < 0.7) this.#run(purge({ directories: DIRECTORIES, retainCount: 1 }));
      this.log.flush();
      for (let n = prng.below(3); n > 0 && done < steps; n--) {
        this.disk.step(prng);
        done++;
      }
    }
  }

  append(prng: Prng, count: number): void {
    for (let i = 0; i < count; i++) {
      const zxid = nextZxid(this.log.lastAccepted);
      this.model.append(this.log, { zxid, bytes: prng.below(prng.next() < 0.2 ? 3000 : 200), prng });
    }
  }

  #source(): SnapshotSource {
    return this.model.snapshot(this.durable);
  }

  #run(script: DiskScript<unknown>): void {
    if (this.#isScriptRunning) return;
    this.#isScriptRunning = true;
    runScript(this.disk, script, () => {
      this.#isScriptRunning = false;
    });
  }
}

function newDisk(): SimDisk {
  const disk = new SimDisk();
  disk.mkdir('/data', () => undefined);
  disk.run();
  return disk;
}

/** What is wrong with the state found on this disk, or null. */
function faultOn(disk: SimDisk, life: Life): string | null {
  const sink = new ModelSink();
  try {
    recoverAll(disk, sink);
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  }
  return recoveryFault(sink.values, { written: life.model.values, durable: life.durable });
}

const PREALLOCATIONS = [0, 4096, 20_000];

await t.test('a power cut between any two steps loses nothing durable and invents nothing', async (t) => {
  let fault: string | null = null;
  for (let seed = 0; seed < 6 && fault === null; seed++) {
    for (let steps = 0; steps < 120 && fault === null; steps++) {
      const life = new Life(newDisk(), PREALLOCATIONS[seed % 3] as number);
      life.work(new Prng(seed), steps);
      fault = faultOn(life.disk.crash(new Prng(seed * 1000 + steps)), life);
      if (fault !== null) t.comment(`seed ${seed}, power cut after ${steps} steps: ${fault}`);
    }
  }
  t.equal(fault, null);
});

await t.test('nor does one after a write of which the disk took a part', async (t) => {
  let fault: string | null = null;
  let shortWrites = 0;
  for (let seed = 0; seed < 20 && fault === null; seed++) {
    for (let steps = 20; steps < 100 && fault === null; steps++) {
      const prng = new Prng(seed);
      const sizes = prng.fork('short writes');
      const life = new Life(newDisk(), PREALLOCATIONS[seed % 3] as number);
      life.disk.faults = ({ type }) => {
        if (type !== 'writeDurably' || sizes.next() < 0.7) return null;
        shortWrites++;
        return { bytesTaken: 1 + sizes.below(400) };
      };
      life.work(prng, steps);
      fault = life.failure?.message ?? faultOn(life.disk.crash(new Prng(seed * 1000 + steps)), life);
      if (fault !== null) t.comment(`seed ${seed}, power cut after ${steps} steps: ${fault}`);
    }
  }
  t.equal(fault, null);
  t.ok(shortWrites > 500, `${shortWrites} short writes`);
});

await t.test('recovery itself may be cut off at any step, and the next one succeeds', async (t) => {
  let fault: string | null = null;
  for (let seed = 0; seed < 40 && fault === null; seed++) {
    const prng = new Prng(seed);
    const life = new Life(newDisk(), PREALLOCATIONS[seed % 3] as number);
    life.work(prng.fork('work'), 40 + prng.below(60));
    let disk = life.disk.crash(prng);
    for (let cuts = 0; cuts < 4; cuts++) {
      startRecovery(disk);
      for (let n = prng.below(25); n > 0; n--) disk.step();
      disk = disk.crash(prng);
    }
    fault = faultOn(disk, life);
    if (fault !== null) t.comment(`seed ${seed}: ${fault}`);
  }
  t.equal(fault, null);
});

await t.test("a server that is cut off again and again keeps every life's durable writes", async (t) => {
  let fault: string | null = null;
  for (let seed = 0; seed < 20 && fault === null; seed++) {
    const prng = new Prng(seed);
    let disk = newDisk();
    for (let lives = 0; lives < 8 && fault === null; lives++) {
      const life = new Life(disk, PREALLOCATIONS[prng.below(3)] as number);
      life.work(prng.fork(`life ${lives}`), prng.below(80));
      if (prng.next() < 0.3) disk.kill(prng);
      else disk = disk.crash(prng);
      fault = faultOn(disk, life);
      if (fault !== null) t.comment(`seed ${seed}, life ${lives}: ${fault}`);
    }
  }
  t.equal(fault, null);
});

await t.test(
  'after a failed write nothing is durable any more, nothing is written, and it is said once (B34)',
  async (t) => {
    for (const left of ['all in the cache', 'nothing', 'a part']) {
      for (let seed = 0; seed < 30; seed++) {
        const prng = new Prng(seed);
        const life = new Life(newDisk(), PREALLOCATIONS[seed % 3] as number);
        const { disk } = life;
        disk.failedFlushReverts = left === 'nothing';
        disk.failedWriteParts = left === 'a part' ? prng.fork('parts') : null;
        life.work(prng.fork('work'), 30);
        disk.run();
        const durableBefore = life.durable;
        disk.faults = (op) => (op.type === 'writeDurably' ? { errno: 'EIO' } : null);
        life.append(prng, 3);
        life.log.flush();
        life.append(prng, 3);
        disk.run();
        disk.faults = () => null;
        const writesBefore = logWrites(disk);
        life.log.flush();
        life.append(prng, 2);
        life.log.flush();
        life.log.stop(() => undefined);
        disk.run();

        t.equal(life.durable, durableBefore, `seed ${seed}: what failed was not reported durable`);
        t.equal(life.log.lastDurable, durableBefore);
        t.equal(life.failureCount, 1);
        t.equal(life.failure?.errno, 'EIO');
        t.match(life.failure?.message, /\/log\.[0-9a-f]+: EIO/);
        t.equal(logWrites(disk), writesBefore, `seed ${seed}: no write after the failed one`);

        // The process starts again on the same page cache, and only then the power goes.
        const next = new Life(disk, 4096);
        t.equal(
          faultOn(disk.crash(prng), next),
          null,
          `seed ${seed}: what the next start took for durable is so`,
        );
      }
    }
  },
);

await t.test('a txn of any length is refused, or read back by the next start (B28, D3)', async (t) => {
  for (const bytes of [
    TXN_SIZE_MAX - 100,
    TXN_SIZE_MAX - 1,
    TXN_SIZE_MAX,
    TXN_SIZE_MAX + 1,
    4 * TXN_SIZE_MAX,
  ]) {
    const disk = new SimDisk();
    disk.mkdir(DIRECTORY, () => undefined);
    disk.run();
    const life = new Life(disk, 4096);
    const before = life.log.lastAccepted;
    writeModelTxn(life.log.begin(nextZxid(before)), nextZxid(before), new Uint8Array(bytes).fill(1));
    const isTaken = life.log.end();
    life.log.stop(() => undefined);
    disk.run();
    const sink = new ModelSink();
    recoverAll(disk, sink);
    t.equal(sink.values.size, isTaken ? 1 : 0, `${bytes} bytes`);
  }
});

function logWrites(disk: SimDisk): number {
  return disk.trace.filter(({ type }) => type === 'writeDurably').length;
}

function startRecovery(disk: SimDisk): void {
  const sink = new ModelSink();
  const options = { directories: DIRECTORIES, sink, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false };
  runScript(disk, recover(options), () => undefined);
}
