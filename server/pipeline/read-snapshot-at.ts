import { epochOf, EPOCH_MAX, ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import { withFile, type DiskScript } from '../storage/disk-script.ts';
import { readSnapshot, type SnapshotSink } from '../storage/snapshot-reader.ts';
import { StorageError } from '../storage/storage-error.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { DatabaseLoader, type LoaderOptions } from './database.ts';

/** What a snapshot holds. */
export interface LoadedSnapshot {
  readonly zxid: Zxid;
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
}

/**
 * Reads a whole snapshot from wherever it lies, beside the traffic.
 * @throws StorageError for one that is damaged, says not when it was, or shows no one moment.
 */
export function* readSnapshotAt(path: string, options: LoaderOptions): DiskScript<LoadedSnapshot> {
  const loader = new DatabaseLoader(options);
  loader.beginSnapshot(ZXID_ZERO);
  const end = yield* withFile(path, 'read', (file) => readSnapshot(file, wholeOnly(loader, path)));
  const zxid = end.lastProcessedZxid ?? end.digest?.zxid ?? null;
  if (zxid === null || zxid < 0 || epochOf(zxid) > EPOCH_MAX) {
    throw new StorageError('corrupt', path, 'the snapshot does not say at which zxid it was taken');
  }
  if (loader.tree.get('/') === undefined) throw new StorageError('corrupt', path, 'the snapshot has no root');
  loader.tree.lastProcessedZxid = zxid;
  loader.endSnapshot(end);
  if (loader.digestMismatches.length > 0) {
    const why = 'the snapshot shows a tree that never was: its digest is another';
    throw new StorageError('corrupt', path, why);
  }
  return { zxid, tree: loader.tree, sessions: loader.sessions };
}

/** A log behind it could set right what a fuzzy snapshot lacks (B25); here there is none. */
function wholeOnly(loader: DatabaseLoader, path: string): SnapshotSink {
  return {
    onSnapshotSession: (id, timeoutMs) => loader.onSnapshotSession(id, timeoutMs),
    onSnapshotAcl: (id, acl) => loader.onSnapshotAcl(id, acl),
    onSnapshotNode: (node, data, aclId, stat) => {
      if (!loader.tree.acls.has(aclId))
        throw new StorageError('corrupt', path, `the snapshot has ${node || '/'} but not its ACL`);
      loader.onSnapshotNode(node, data, aclId, stat);
    },
  };
}
