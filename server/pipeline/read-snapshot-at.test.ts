import t from 'tap';
import { MemoryDisk } from '../fuzz/memory-disk.ts';
import { makeZxid } from '../base/zxid.ts';
import { runScript } from '../storage/disk-script.ts';
import { writeSnapshot, type SnapshotSource } from '../storage/snapshot-writer.ts';
import type { StorageError } from '../storage/storage-error.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import { writeAcl } from '../wire/records/acl.ts';
import { readSnapshotAt } from './read-snapshot-at.ts';

const ZXID = makeZxid(1, 5);
const STAT_BYTES = 60;

/** Of a file that is sealed as it should be, with one ACL, 1, and nodes by their paths and the numbers of their ACLs. */
function read(nodes: Readonly<Record<string, number>>): StorageError | null | undefined {
  const source: SnapshotSource = {
    zxid: ZXID,
    digest: { high: 0, low: 0 },
    writeHead: (writer: JuteWriter) => {
      writer.int(0);
      writer.int(1);
      writer.long(1);
      writer.vector([{ perms: 31, scheme: 'world', id: 'anyone' }], writeAcl);
    },
    writeNodes: (writer: JuteWriter) => {
      for (const [path, aclId] of Object.entries(nodes)) {
        writer.string(path);
        writer.buffer(null);
        writer.long(aclId);
        writer.raw(new Uint8Array(STAT_BYTES));
      }
      return true;
    },
  };
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
