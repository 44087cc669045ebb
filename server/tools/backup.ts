import type { Zxid } from '../base/zxid.ts';
import { type DataDirectories, listDataFiles, makeDataDirectories } from '../storage/data-directory.ts';
import { type DiskScript, listDirectory, syncDirectory, withFile } from '../storage/disk-script.ts';
import { joinPath, type NamedFile } from '../storage/file-names.ts';
import { logsAbove, readHistory } from '../storage/read-history.ts';
import { isSnapshotIntact } from '../storage/snapshot-reader.ts';
import { corruptLog, StorageError } from '../storage/storage-error.ts';
import { CheckedDatabase } from './checked-database.ts';
import { copyLog, copyWhole } from './copy-file.ts';
import { digestError } from './digest-error.ts';
import { type Manifest, type ManifestFile, writeManifest } from './manifest.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY as Zxid;

export interface BackupOptions {
  /** Of the server, which may be running: nothing is changed there. */
  readonly directories: DataDirectories;
  readonly to: string;
  readonly txnSizeMax: number;
  /** Begin at the oldest snapshot instead of the newest, so that more points can be restored. */
  readonly fromOldest: boolean;
}

/**
 * Copies a snapshot and the logs above it, and makes sure that the copy can be started from: every checksum, every zxid
 * after the one before, and the tree's digest after each txn as it was logged.
 *
 * The order of durable steps: the contents; their names; the manifest, which makes it a backup. The snapshot is copied
 * before the logs are listed, so that whatever a running server logs or purges meanwhile, the logs lead on from it.
 *
 * It is what this one server has on its disk, with the txns it had logged and nobody had committed yet, as a crash of it
 * would leave them.
 *
 * @throws StorageError `corrupt` with the place, `unsupported` if `to` is not empty, `no-snapshot` if there is none.
 */
export function* backUp(options: BackupOptions): DiskScript<Manifest> {
  const { to } = options;
  yield* makeDataDirectories({ snapshots: to, logs: to });
  yield* refuseNames(to);
  const snapshot = yield* copySnapshot(options);
  const logs = yield* copyLogs(options, snapshot.file);
  yield* syncDirectory(to);
  const manifest = yield* verified(options, { snapshot, logs });
  yield* writeManifest(to, manifest);
  return manifest;
}

function* refuseNames(directory: string): DiskScript<void> {
  const names = yield* listDirectory(directory);
  if (names.length === 0) return;
  throw new StorageError(
    'unsupported',
    directory,
    `${directory} is not empty (${names[0]} is there): a backup goes into a directory of its own`,
  );
}

interface CopiedFile {
  readonly file: NamedFile;
  readonly bytes: number;
}

function* copySnapshot({ directories, to, fromOldest }: BackupOptions): DiskScript<CopiedFile> {
  const { snapshots } = yield* listDataFiles(directories);
  for (const source of fromOldest ? snapshots : snapshots.toReversed()) {
    if (!(yield* withFile(source.path, 'read', isSnapshotIntact))) continue;
    const path = joinPath(to, source.name);
    return { file: { ...source, path }, bytes: yield* copyWhole(source.path, path) };
  }
  throw new StorageError(
    'no-snapshot',
    directories.snapshots,
    `${directories.snapshots} has no intact snapshot to begin at: is it the version-2 directory of a server?`,
  );
}

function* copyLogs(options: BackupOptions, snapshot: NamedFile): DiskScript<CopiedFile[]> {
  const files = yield* listDataFiles(options.directories);
  const copied: CopiedFile[] = [];
  let tornPath: string | null = null;
  for (const log of logsAbove(files.logs, snapshot.zxid)) {
    const path = joinPath(options.to, log.name);
    const { bytes, isTorn } = yield* copyLog(log, path, { ...options, upTo: NO_LIMIT });
    // It had been written to its end before the next was begun, which was before they were listed.
    if (tornPath !== null && bytes !== null) {
      throw corruptLog(tornPath, 0, `it does not end with a whole transaction, yet ${log.name} follows it`);
    }
    if (isTorn) tornPath = log.path;
    if (bytes !== null) copied.push({ file: { ...log, path }, bytes });
  }
  return copied;
}

function* verified(
  { to, txnSizeMax }: BackupOptions,
  { snapshot, logs }: { readonly snapshot: CopiedFile; readonly logs: readonly CopiedFile[] },
): DiskScript<Manifest> {
  const database = new CheckedDatabase();
  const { replay } = yield* readHistory(
    { snapshots: [snapshot.file], logs: logs.map(({ file }) => file) },
    { sink: database, txnSizeMax, trustEmptySnapshot: false },
  );
  const wrong = database.mismatches[0];
  if (wrong !== undefined) throw digestError(to, wrong);
  if (replay.lastZxid < database.soundFrom) throw unsettled(snapshot.file.path);
  return {
    firstZxid: database.soundFrom,
    lastZxid: replay.lastZxid,
    treeDigest: database.digest,
    lastTime: database.lastTime,
    snapshot: manifestFile(snapshot),
    logs: logs.map(manifestFile),
  };
}

function manifestFile({ file, bytes }: CopiedFile): ManifestFile {
  return { name: file.name, bytes };
}

function unsettled(path: string): StorageError {
  return new StorageError(
    'corrupt',
    path,
    `${path} was written while the tree changed, and the logs end before it was done: they do not give one state`,
  );
}
