import type { Zxid } from '../../base/zxid.ts';
import type { SnapshotSource } from '../../storage/snapshot-writer.ts';
import { writeAcl } from '../../wire/records/acl.ts';
import { OPEN_ACL } from './bodies.ts';

const STAT_BYTES = 60;

/** Of a file that is sealed as it should be, with one ACL, 1, and nodes by their paths and the numbers of their ACLs. */
export function snapshotSource(zxid: Zxid, nodes: Readonly<Record<string, number>>): SnapshotSource {
  return {
    zxid,
    digest: { high: 0, low: 0 },
    writeHead: (writer) => {
      writer.int(0);
      writer.int(1);
      writer.long(1);
      writer.vector(OPEN_ACL, writeAcl);
    },
    writeNodes: (writer) => {
      for (const [path, aclId] of Object.entries(nodes)) {
        writer.string(path);
        writer.buffer(null);
        writer.long(aclId);
        writer.raw(new Uint8Array(STAT_BYTES));
      }
      return true;
    },
  };
}
