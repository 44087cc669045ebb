import t from 'tap';
import { MemoryDisk } from '../fuzz/memory-disk.ts';
import { makeZxid } from '../base/zxid.ts';
import { runScript } from '../storage/disk-script.ts';
import { writeSnapshot } from '../storage/snapshot-writer.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { readSnapshotAt } from './read-snapshot-at.ts';
import { snapshotSource } from './testing/snapshot-source.ts';

const ZXID = makeZxid(1, 5);

function read(nodes: Readonly<Record<string, number>>): StorageError | null | undefined {
  const source = snapshotSource(ZXID, nodes);
  const disk = new MemoryDisk();
  let outcome: StorageError | null | undefined;
  runScript(disk, writeSnapshot({ directory: '/d', source }), (_error, written) => {
    const options = { digestEnabled: false, tickMs: 1000, nowMs: 0 };
    runScript(disk, readSnapshotAt(written?.path ?? '', options), (error) => (outcome = error));
  });
  disk.settle();
  return outcome;
}

await t.test('a snapshot that lacks what there is no log for to bring is refused as a whole', (t) => {
  t.equal(read({ '': 1, '/a': 1, '/b': -1 }), null);
  t.match(read({ '': 1, '/a': 2 }), { code: 'corrupt', message: /\/a but not its ACL/ });
  t.match(read({ '': 2 }), { code: 'corrupt', message: /\/ but not its ACL/ });
  t.match(read({}), { code: 'corrupt', message: /no root/ });
  t.end();
});
