import t from 'tap';
import { Prng } from '../base/prng.ts';
import { type Epoch, makeZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { runScript, type DiskScript } from './disk-script.ts';
import { type Epochs, readEpochs, writeEpoch } from './epoch-file.ts';
import type { StorageError } from './storage-error.ts';

const DIRECTORY = '/data/version-2';

function run<T>(disk: SimDisk, script: DiskScript<T>): { error: StorageError | null; result: T | undefined } {
  const outcome: { error: StorageError | null; result: T | undefined } = { error: null, result: undefined };
  runScript(disk, script, (error, result) => Object.assign(outcome, { error, result }));
  disk.run();
  return outcome;
}

function diskWith(texts: Readonly<Record<string, string>>): SimDisk {
  const disk = new SimDisk();
  for (const [name, text] of Object.entries(texts)) {
    disk.writeBytes(`${DIRECTORY}/${name}`, new TextEncoder().encode(text));
  }
  if (Object.keys(texts).length === 0)
    run(
      disk,
      (function* () {
        yield { type: 'mkdir', directory: DIRECTORY } as const;
      })(),
    );
  return disk;
}

function read(texts: Readonly<Record<string, string>>, lastZxid: Zxid): Epochs | string | undefined {
  const { error, result } = run(diskWith(texts), readEpochs(DIRECTORY, lastZxid));
  return error?.code ?? result;
}

const IN_EPOCH_5 = makeZxid(5, 17);

await t.test(
  'epochs are read as Apache writes them; a missing file is the epoch of the last zxid',
  async (t) => {
    t.same(read({ acceptedEpoch: '7', currentEpoch: '6' }, IN_EPOCH_5), {
      acceptedEpoch: 7,
      currentEpoch: 6,
      isMember: true,
      isFounder: false,
    });
    t.same(read({}, IN_EPOCH_5), { acceptedEpoch: 5, currentEpoch: 5, isMember: true, isFounder: false });
    t.same(read({}, ZXID_ZERO), { acceptedEpoch: 0, currentEpoch: 0, isMember: false, isFounder: false });
  },
);

await t.test('who never came to the end of a synchronisation is known by its files (B05)', async (t) => {
  const broken = { acceptedEpoch: 7, currentEpoch: 0, isMember: false, isFounder: false };
  t.same(read({ acceptedEpoch: '7' }, IN_EPOCH_5), broken, 'a history came, and its epoch did not');
  const begun = { ...broken, isFounder: true };
  t.same(read({ acceptedEpoch: '7', currentEpoch: '0' }, IN_EPOCH_5), begun, 'it was there at first');
  t.same(read({ acceptedEpoch: '7' }, ZXID_ZERO), broken);
  const alone = makeZxid(0, 17);
  t.match(read({}, alone), { isMember: true }, 'it stood alone before');
  t.match(read({ acceptedEpoch: '1' }, alone), { isMember: true }, 'and has promised since');

  const disk = diskWith({});
  t.match(run(disk, readEpochs(DIRECTORY, IN_EPOCH_5)).result, { isMember: true }, 'a backup');
  run(disk, writeEpoch(DIRECTORY, 'acceptedEpoch', 6 as Epoch));
  t.match(run(disk, readEpochs(DIRECTORY, IN_EPOCH_5)).result, { isMember: true }, 'still is one later');
});

await t.test(
  'a history ahead of currentEpoch was synchronised under that epoch, if it was accepted (B31, ZOOKEEPER-1653, 2033)',
  async (t) => {
    t.same(read({ acceptedEpoch: '5', currentEpoch: '4' }, IN_EPOCH_5), {
      acceptedEpoch: 5,
      currentEpoch: 5,
      isMember: true,
      isFounder: false,
    });
    t.equal(read({ acceptedEpoch: '4', currentEpoch: '4' }, IN_EPOCH_5), 'corrupt');
  },
);

await t.test('a promise lost, a text that is no number and an epoch beyond 2^21 are refused', async (t) => {
  t.equal(read({ acceptedEpoch: '4', currentEpoch: '6' }, IN_EPOCH_5), 'corrupt');
  t.equal(read({ acceptedEpoch: '' }, IN_EPOCH_5), 'corrupt');
  t.equal(read({ acceptedEpoch: '2097152' }, IN_EPOCH_5), 'unsupported');
});

await t.test(
  'after a power cut at any step an epoch file holds the old epoch or the new, the new once written (B33, ZOOKEEPER-2003)',
  async (t) => {
    for (let seed = 0; seed < 40; seed++) {
      for (let steps = 0; steps <= 8; steps++) {
        const disk = diskWith({ acceptedEpoch: '6', currentEpoch: '6' });
        const writes: true[] = [];
        runScript(disk, writeEpoch(DIRECTORY, 'acceptedEpoch', 12345 as Epoch), () => {
          writes.push(true);
        });
        for (let i = 0; i < steps; i++) disk.step();
        const { error, result } = run(disk.crash(new Prng(seed)), readEpochs(DIRECTORY, ZXID_ZERO));
        const epoch = result?.acceptedEpoch;
        if (error !== null || (epoch !== 12345 && (writes.length > 0 || epoch !== 6))) {
          t.fail(`seed ${seed}, ${steps} steps: ${error?.message ?? epoch}`);
        }
        if (steps === 8) t.equal(writes.length, 1);
      }
    }
  },
);
