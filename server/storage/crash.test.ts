import t from 'tap';
import { Prng } from '../base/prng.ts';
import { nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { ModelSink, recoveryFault, StorageModel } from '../../harness/sim/storage-model.ts';
import { runScript, type DiskScript } from './disk-script.ts';
import { GroupCommit } from './group-commit.ts';
import { recover, type Recovery } from './recovery.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import type { StorageError } from './storage-error.ts';

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

/** One process's life on a disk: recover, write, be cut off after so many steps of the disk. */
class Life {
  readonly model = new StorageModel();
  readonly disk: SimDisk;
  readonly log: GroupCommit;
  durable: Zxid;
  failure: StorageError | null = null;

  constructor(disk: SimDisk, options: { readonly preallocateBytes: number }) {
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
      preallocateBytes: options.preallocateBytes,
      forceSync: true,
      onDurable: (upTo) => {
        this.durable = upTo;
      },
      onFailure: (error) => {
        this.failure = error;
      },
    });
  }

  /** Works until the disk has done `steps` steps: writes, rolls, snapshots, as the `prng` says. */
  work(prng: Prng, steps: number): void {
    const zxids = prng.fork('sizes');
    for (let done = 0; done < steps;) {
      const roll = prng.next();
      if (roll < 0.6) this.#append(zxids, 1 + prng.below(4));
      else if (roll < 0.65) this.log.roll();
      else if (roll < 0.68) this.#snapshot();
      this.log.flush();
      for (let n = prng.below(3); n > 0 && done < steps; n--) if (this.disk.step(prng)) done++;
    }
  }

  #append(prng: Prng, count: number): void {
    for (let i = 0; i < count; i++) {
      const zxid = nextZxid(this.log.lastAccepted);
      this.model.append(this.log, { zxid, bytes: prng.below(prng.next() < 0.2 ? 3000 : 200), prng });
    }
  }

  #snapshot(): void {
    const source = this.model.snapshot(this.durable);
    runScript(this.disk, writeSnapshot({ directory: DIRECTORY, source }), () => undefined);
  }
}

function newDisk(): SimDisk {
  const disk = new SimDisk();
  disk.mkdir('/data', () => undefined);
  disk.run();
  return disk;
}

/** What is wrong with the state found after a crash, or null. */
function faultAfter(life: Life, image: SimDisk): string | null {
  const sink = new ModelSink();
  try {
    recoverAll(image, sink);
  } catch (error) {
    return String(error);
  }
  return recoveryFault(sink.values, { written: life.model.values, durable: life.durable });
}

await t.test('a power cut between any two steps loses nothing durable and invents nothing', async (t) => {
  let recoveries = 0;
  for (let seed = 0; seed < 12; seed++) {
    const preallocateBytes = [0, 4096, 20_000][seed % 3] as number;
    for (let steps = 0; steps < 120; steps++) {
      const prng = new Prng(seed);
      const life = new Life(newDisk(), { preallocateBytes });
      life.work(prng.fork('work'), steps);
      const fault = faultAfter(life, life.disk.crash(new Prng(seed * 1000 + steps)));
      if (fault !== null) {
        t.fail(`seed ${seed}, power cut after ${steps} steps: ${fault}`);
        return;
      }
      recoveries++;
    }
  }
  t.equal(recoveries, 12 * 120);
});
