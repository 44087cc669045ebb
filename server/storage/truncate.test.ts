import t from 'tap';
import { Prng } from '../base/prng.ts';
import { nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { ModelSink, recoveryFault, StorageModel } from '../../harness/sim/storage-model.ts';
import { runScript, type DiskScript } from './disk-script.ts';
import { GroupCommit } from './group-commit.ts';
import { recover } from './recovery.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import type { StorageError } from './storage-error.ts';
import { truncateHistory } from './truncate.ts';

const DIRECTORY = '/data/version-2';
const DIRECTORIES = { snapshots: DIRECTORY, logs: DIRECTORY };
const TXN_SIZE_MAX = 4096;

function run(disk: SimDisk, script: DiskScript<unknown>): StorageError | null {
  const errors: (StorageError | null)[] = [];
  runScript(disk, script, (error) => errors.push(error));
  disk.run();
  return errors[0] ?? null;
}

/** Four logs of ten transactions each, and snapshots at 0, 15 and 35. */
function history(): { readonly disk: SimDisk; readonly model: StorageModel } {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  const model = new StorageModel();
  const prng = new Prng(2);
  run(disk, writeSnapshot({ directory: DIRECTORY, source: model.snapshot(ZXID_ZERO) }));
  const log = new GroupCommit({
    disk,
    directory: DIRECTORY,
    lastDurable: ZXID_ZERO,
    txnSizeMax: TXN_SIZE_MAX,
    preallocateBytes: 2048,
    forceSync: true,
    onDurable: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  for (let i = 1; i <= 40; i++) {
    model.append(log, { zxid: nextZxid(log.lastAccepted), bytes: 100, prng });
    if (i % 10 === 0) log.roll();
    log.flush();
    disk.run();
  }
  log.stop(() => undefined);
  disk.run();
  for (const zxid of [15, 35]) {
    run(disk, writeSnapshot({ directory: DIRECTORY, source: model.snapshot(zxid as Zxid) }));
  }
  return { disk, model };
}

function truncation(zxid: number): DiskScript<void> {
  return truncateHistory({ directories: DIRECTORIES, zxid: zxid as Zxid, txnSizeMax: TXN_SIZE_MAX });
}

function recovered(disk: SimDisk): ModelSink | StorageError {
  const sink = new ModelSink();
  const options = { directories: DIRECTORIES, sink, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false };
  return run(disk, recover(options)) ?? sink;
}

await t.test('after a truncation the history ends at its zxid, whatever snapshots there were', async (t) => {
  for (let zxid = 0; zxid <= 40; zxid++) {
    const { disk } = history();
    t.equal(run(disk, truncation(zxid)), null);
    const sink = recovered(disk.crash(new Prng(zxid)));
    if (!(sink instanceof ModelSink)) t.fail(`cut at ${zxid}: ${sink.message}`);
    else t.equal(sink.values.size, zxid, `cut at ${zxid}`);
  }
});

await t.test('a log that is damaged below the cut is not cut there: nothing is changed', async (t) => {
  for (const at of [20, 200, 700]) {
    const { disk } = history();
    const log = `${DIRECTORY}/log.15`;
    const bytes = disk.readBytes(log).slice();
    bytes[at] = (bytes[at] as number) ^ 1;
    disk.writeBytes(log, bytes);
    const paths = disk.paths();
    t.match(run(disk, truncation(28)), { code: 'corrupt', path: log, message: /is damaged at byte \d+/ });
    t.same(disk.paths(), paths);
    t.same(disk.readBytes(log), bytes);
  }
});

await t.test('a power cut during a truncation leaves a history without a hole', async (t) => {
  const faults: string[] = [];
  for (let steps = 0; steps < 60; steps++) {
    for (let seed = 0; seed < 8; seed++) {
      const { disk, model } = history();
      runScript(disk, truncation(7), () => undefined);
      for (let i = 0; i < steps; i++) disk.step();
      const sink = recovered(disk.crash(new Prng(seed)));
      const expected = { written: model.values, durable: 7 as Zxid };
      const fault = sink instanceof ModelSink ? recoveryFault(sink.values, expected) : sink.message;
      if (fault !== null) faults.push(`seed ${seed}, ${steps} steps: ${fault}`);
    }
  }
  t.same(faults, []);
});

await t.test('a truncation whose flush failed is made again by the next start', async (t) => {
  const faults: string[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const { disk } = history();
    disk.failedFlushReverts = false;
    disk.faults = ({ type, path }) => (type === 'sync' && path.includes('/log.') ? { errno: 'EIO' } : null);
    t.equal(run(disk, truncation(7))?.code, 'io');
    disk.faults = () => null;
    const started = recovered(disk);
    t.equal(started instanceof ModelSink && started.values.size, 7);
    const sink = recovered(disk.crash(new Prng(seed)));
    if (!(sink instanceof ModelSink) || sink.values.size !== 7) {
      faults.push(`seed ${seed}: ${sink instanceof ModelSink ? sink.values.size : sink.message}`);
    }
  }
  t.same(faults, []);
});

await t.test('without an intact snapshot below the cut nothing is touched', async (t) => {
  const { disk } = history();
  const path = `${DIRECTORY}/snapshot.0`;
  const bytes = disk.readBytes(path).slice();
  bytes[20] = (bytes[20] as number) ^ 1;
  disk.writeBytes(path, bytes);
  const before = disk.paths();
  t.equal(run(disk, truncation(7))?.code, 'no-snapshot');
  t.same(disk.paths(), before);
});
