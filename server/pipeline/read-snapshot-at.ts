import { epochOf, EPOCH_MAX, ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import { withFile, type DiskScript } from '../storage/disk-script.ts';
import { readSnapshot } from '../storage/snapshot-reader.ts';
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
  const end = yield* withFile(path, 'read', (file) => readSnapshot(file, loader));
  const zxid = end.lastProcessedZxid ?? end.digest?.zxid ?? null;
  if (zxid === null || zxid < 0 || epochOf(zxid) > EPOCH_MAX) {
    throw new StorageError('corrupt', path, 'the snapshot does not say at which zxid it was taken');
  }
  // A log above it could bring what a fuzzy one lacks (B25); here there is none.
  const lacking = loader.lacks();
  if (lacking !== null) throw new StorageError('corrupt', path, lacking);
  loader.tree.lastProcessedZxid = zxid;
  loader.endSnapshot(end);
  if (loader.digestMismatches.length > 0) {
    const why = 'the snapshot shows a tree that never was: its digest is another';
    throw new StorageError('corrupt', path, why);
  }
  return { zxid, tree: loader.tree, sessions: loader.sessions };
}
