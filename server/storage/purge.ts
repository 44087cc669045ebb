import type { Zxid } from '../base/zxid.ts';
import { type DataDirectories, listDataFiles } from './data-directory.ts';
import { type DiskScript, sizeOf, syncDirectory, unlinkFile, withFile } from './disk-script.ts';
import type { NamedFile } from './file-names.ts';
import { isSnapshotIntact } from './snapshot-reader.ts';
import { StorageError } from './storage-error.ts';

export interface PurgeResult {
  readonly deleted: readonly string[];
  /** Of the oldest snapshot kept; null if there were too few that are intact, and nothing was deleted. */
  readonly keptFrom: Zxid | null;
}

/**
 * Deletes what the newest `retainCount` intact snapshots make superfluous (protocol §3.4): older snapshots, and
 * the logs that end below the oldest of these. The newest log that begins at or below it may go on above it,
 * and stays.
 *
 * A snapshot counts only once all of it has been read again; a damaged one does not make another superfluous.
 * Snapshots go first, oldest first, and then the logs, so that at no time is there a snapshot whose following
 * logs are gone.
 */
export function* purge(options: {
  readonly directories: DataDirectories;
  /** At least 1; ZooKeeper's minimum is 3. */
  readonly retainCount: number;
}): DiskScript<PurgeResult> {
  const { directories, retainCount } = options;
  const { snapshots, logs } = yield* listDataFiles(directories);
  const keptFrom = yield* oldestToKeep(snapshots, retainCount);
  if (keptFrom === null) return { deleted: [], keptFrom };

  const oldSnapshots = snapshots.filter(({ zxid }) => zxid < keptFrom);
  const firstLogKept = logs.findLastIndex(({ zxid }) => zxid <= keptFrom);
  const oldLogs = logs.slice(0, Math.max(0, firstLogKept));
  yield* deleteFiles(directories.snapshots, oldSnapshots);
  yield* deleteFiles(directories.logs, oldLogs);
  return { deleted: [...oldSnapshots, ...oldLogs].map(({ path }) => path), keptFrom };
}

function* oldestToKeep(snapshots: readonly NamedFile[], retainCount: number): DiskScript<Zxid | null> {
  let intact = 0;
  for (const { path, zxid } of snapshots.toReversed()) {
    if (yield* isIntact(path)) intact++;
    if (intact === retainCount) return zxid;
  }
  return null;
}

function* isIntact(path: string): DiskScript<boolean> {
  try {
    return yield* withFile(path, 'read', isSnapshotIntact);
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

/** The deletions are durable before the next group's begin. */
function* deleteFiles(directory: string, files: readonly NamedFile[]): DiskScript<void> {
  for (const { path } of files) yield* unlinkFile(path);
  if (files.length > 0) yield* syncDirectory(directory);
}

/** What the files of a kind take up, in bytes: for the `dirs` command. */
export function* totalSize(files: readonly NamedFile[]): DiskScript<number> {
  let total = 0;
  for (const { path } of files) total += yield* withFile(path, 'read', sizeOf);
  return total;
}
