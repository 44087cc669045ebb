import { formatZxid, type Zxid } from '../base/zxid.ts';
import { type DataDirectories, listDataFiles } from './data-directory.ts';
import type { DiskFile } from './disk.ts';
import {
  type DiskScript,
  syncDirectory,
  syncFile,
  truncateFile,
  unlinkFile,
  withFile,
} from './disk-script.ts';
import type { NamedFile } from './file-names.ts';
import { readRest } from './log-rest.ts';
import { LogScanner, scanEntries } from './log-scanner.ts';
import { judgeTail, tornBytesMax } from './log-tail.ts';
import { isSnapshotIntact } from './snapshot-reader.ts';
import { corruptLog, StorageError } from './storage-error.ts';

/** `snapshot.0` is the first there can be. */
const BELOW_ALL = -1 as Zxid;

/**
 * Takes back everything above `zxid`, as a learner does on TRUNC (protocol §3.2). The log must have been
 * stopped before, and the state must be recovered anew after: memory still has what the disk has not.
 *
 * Newest first, each deletion durable before the next, so that a power cut at any point leaves a shorter
 * history of the same beginning and never one with a hole. Snapshots above the cut go too: Apache leaves them,
 * and its next start brings back from them what was to be forgotten.
 *
 * @throws StorageError `no-snapshot` if no intact snapshot is left at or below the cut; nothing is changed then,
 * and only a whole copy from the leader can help. `corrupt` if the log to be cut is damaged below the cut: to cut it
 * there would take back what was acknowledged.
 */
export function* truncateHistory(options: {
  readonly directories: DataDirectories;
  readonly zxid: Zxid;
  readonly txnSizeMax: number;
}): DiskScript<void> {
  const { directories, zxid } = options;
  const { snapshots, logs } = yield* listDataFiles(directories);
  yield* requireSnapshotBelow(snapshots, options);
  const last = logs.findLast((log) => log.zxid <= zxid);
  const length = last === undefined ? 0 : yield* withFile(last.path, 'read', (file) => endOf(file, options));

  yield* deleteAbove(directories.snapshots, snapshots, zxid);
  yield* deleteAbove(directories.logs, logs, zxid);
  if (last !== undefined) yield* cutTo(last.path, length);
}

/**
 * Forgets every log and every other snapshot: one that has come from the leader, and is durable, is the history
 * from now on. What was before may have gone on differently, and a start that fell back on it would continue with
 * txns that do not belong to it.
 *
 * Newest first, each deletion durable before the next, and the logs before the snapshots above the new one: as long
 * as there is such a snapshot a start goes by it, and finds what was there before or the beginning of it, which still
 * has all that was committed. In the other order the logs would be replayed above the new snapshot, to which they do
 * not belong.
 */
export function* supersedeHistory(options: {
  readonly directories: DataDirectories;
  readonly snapshotZxid: Zxid;
}): DiskScript<void> {
  const { directories, snapshotZxid } = options;
  const { snapshots, logs } = yield* listDataFiles(directories);
  const others = snapshots.filter(({ zxid }) => zxid !== snapshotZxid);
  yield* deleteAbove(directories.logs, logs, BELOW_ALL);
  yield* deleteAbove(directories.snapshots, others, BELOW_ALL);
}

function* requireSnapshotBelow(
  snapshots: readonly NamedFile[],
  cut: { readonly directories: DataDirectories; readonly zxid: Zxid },
): DiskScript<void> {
  for (const { path, zxid } of snapshots.toReversed()) {
    if (zxid <= cut.zxid && (yield* withFile(path, 'read', isSnapshotIntact))) return;
  }
  throw new StorageError(
    'no-snapshot',
    cut.directories.snapshots,
    `${cut.directories.snapshots} has no intact snapshot at or below ${formatZxid(cut.zxid)} to go back to`,
  );
}

function* deleteAbove(directory: string, files: readonly NamedFile[], zxid: Zxid): DiskScript<void> {
  for (const file of files.toReversed()) {
    if (file.zxid <= zxid) return;
    yield* unlinkFile(file.path);
    yield* syncDirectory(directory);
  }
}

/** Where the last entry at or below the cut ends. */
function* endOf(
  file: DiskFile,
  cut: { readonly zxid: Zxid; readonly txnSizeMax: number },
): DiskScript<number> {
  const scanner = new LogScanner(file, cut.txnSizeMax);
  let cutAt = Number.POSITIVE_INFINITY;
  yield* scanEntries(scanner, ({ zxid, entryOffset }) => {
    if (zxid > cut.zxid) cutAt = Math.min(cutAt, entryOffset);
  });
  if (Number.isFinite(cutAt)) return cutAt;

  const offset = scanner.entryOffset;
  const rest = yield* readRest(file, { offset, limit: tornBytesMax(cut.txnSizeMax) });
  const verdict = judgeTail(rest, offset, cut.txnSizeMax);
  if (verdict.type === 'damaged') {
    throw corruptLog(
      file.path,
      offset,
      `no transaction can be read there (${scanner.stop}), yet ${verdict.why}`,
    );
  }
  return offset;
}

function* cutTo(path: string, length: number): DiskScript<void> {
  yield* withFile(path, 'write', function* (file) {
    yield* truncateFile(file, length);
    yield* syncFile(file);
  });
}
