import t from 'tap';
import { Prng } from '../base/prng.ts';
import { SnapshotTrigger } from './snapshot-trigger.ts';

/** After how many txns of `txnBytes` each a snapshot is due, time after time. */
function intervals(options: { snapCount: number; snapSizeBytes: number; txnBytes: number }): number[] {
  const trigger = new SnapshotTrigger({ ...options, replayedTxns: 0, random: new Prng(1) });
  return Array.from({ length: 200 }, () => {
    let count = 1;
    while (!trigger.onTxn(count * options.txnBytes)) count++;
    trigger.reset();
    return count;
  });
}

await t.test('a snapshot is due after half of snapCount to the whole, drawn anew each time', async (t) => {
  const counts = intervals({ snapCount: 100, snapSizeBytes: 0, txnBytes: 1 << 20 });
  t.ok(Math.min(...counts) >= 50, `${Math.min(...counts)} txns at least`);
  t.ok(Math.max(...counts) <= 101, `${Math.max(...counts)} txns at most`);
  t.ok(new Set(counts).size > 20);
});

await t.test('or after as much of the log, if there is a limit for it', async (t) => {
  const counts = intervals({ snapCount: 100_000, snapSizeBytes: 1000, txnBytes: 10 });
  t.ok(Math.min(...counts) >= 50);
  t.ok(Math.max(...counts) <= 101);
  t.ok(new Set(counts).size > 20);
});

function isDueAtOnce(replayedTxns: number): boolean {
  const trigger = new SnapshotTrigger({
    snapCount: 100,
    snapSizeBytes: 0,
    replayedTxns,
    random: new Prng(1),
  });
  return trigger.onTxn(0);
}

await t.test('what a restart had to replay counts, so that the next one has less', async (t) => {
  t.notOk(isDueAtOnce(0));
  t.notOk(isDueAtOnce(40));
  t.ok(isDueAtOnce(100));
});
