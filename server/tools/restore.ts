import { formatZxid, type Zxid } from '../base/zxid.ts';
import { type DataDirectories, makeDataDirectories } from '../storage/data-directory.ts';
import { type DiskScript, listDirectory, renameFile, syncDirectory } from '../storage/disk-script.ts';
import { unlinkFile } from '../storage/disk-script.ts';
import {
  filesNamed,
  joinPath,
  LOG_PREFIX,
  SNAPSHOT_PREFIX,
  TEMPORARY_PREFIX,
  type NamedFile,
} from '../storage/file-names.ts';
import { readHistory } from '../storage/read-history.ts';
import { StorageError } from '../storage/storage-error.ts';
import { CheckedDatabase } from './checked-database.ts';
import { copyLog, copyWhole } from './copy-file.ts';
import { digestError } from './digest-error.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { readLog } from './print-log.ts';

/** Where in the history to stop: at a zxid, or before the first txn that was logged after a time (wall clock, ms). */
export type RestorePoint =
  | { readonly type: 'end' }
  | { readonly type: 'zxid'; readonly zxid: Zxid }
  | { readonly type: 'time'; readonly timeMs: number };

export interface RestoreOptions {
  readonly backup: string;
  /** Empty, but for what an earlier attempt that was cut off has left. */
  readonly directories: DataDirectories;
  readonly point: RestorePoint;
  readonly txnSizeMax: number;
}

export interface Restored {
  /** Of the last txn that is in the state. */
  readonly zxid: Zxid;
  /** Of the tree there, unsigned. */
  readonly digest: bigint;
}

/**
 * Makes a data directory of a backup, as it was at a point of its history.
 *
 * The order of durable steps: the contents, under temporary names, which a start does not look at; that what they give
 * has the digest that was recorded there; the logs' names; last the snapshot's. Until then no server starts on it, ours or
 * Apache's, because there are either no files at all or logs without a snapshot.
 *
 * No epoch files are restored: what this server had promised belongs to the history that is given up.
 *
 * @throws StorageError `unsupported` for a point outside the backup or a directory in use, `corrupt` with the place.
 */
export function* restore(options: RestoreOptions): DiskScript<Restored> {
  const { backup, directories } = options;
  const manifest = yield* readManifest(backup);
  yield* makeDataDirectories(directories);
  yield* clear(directories);
  const upTo = yield* zxidAt(options, manifest);
  refuseOutside(upTo, { backup, manifest });

  const drafts = yield* copyDrafts(options, { manifest, upTo });
  const restored = yield* verify(drafts, { manifest, upTo, txnSizeMax: options.txnSizeMax });
  for (const log of drafts.logs) yield* renameFile(log.path, joinPath(directories.logs, log.name));
  yield* syncDirectory(directories.logs);
  const { snapshot } = drafts;
  yield* renameFile(snapshot.path, joinPath(directories.snapshots, snapshot.name));
  yield* syncDirectory(directories.snapshots);
  return restored;
}

/** Nothing but drafts may be there, and these go. */
function* clear({ snapshots, logs }: DataDirectories): DiskScript<void> {
  for (const directory of new Set([snapshots, logs])) {
    const names = yield* listDirectory(directory);
    const taken = names.find((name) => !name.startsWith(TEMPORARY_PREFIX));
    if (taken !== undefined) throw notEmpty(directory, taken);
    for (const name of names) yield* unlinkFile(joinPath(directory, name));
  }
}

function notEmpty(directory: string, name: string): StorageError {
  return new StorageError(
    'unsupported',
    directory,
    `${directory} is not empty (${name} is there): a backup is restored into an empty directory only. Move what is ` +
      `there away, do not delete it before the restored server has been looked at.`,
  );
}

function* zxidAt({ backup, point, txnSizeMax }: RestoreOptions, manifest: Manifest): DiskScript<Zxid> {
  if (point.type === 'zxid') return point.zxid;
  if (point.type === 'end') return manifest.lastZxid;
  const [snapshot] = filesNamed(backup, [manifest.snapshot.name], SNAPSHOT_PREFIX);
  const found = { zxid: snapshot?.zxid ?? manifest.firstZxid, isPast: false };
  for (const log of logsOf(backup, manifest)) {
    yield* readLog(log, {
      txnSizeMax,
      onTxn({ header }) {
        if (header.time > point.timeMs) found.isPast = true;
        if (!found.isPast) found.zxid = header.zxid;
      },
    });
  }
  return found.zxid;
}

function refuseOutside(
  zxid: Zxid,
  { backup, manifest }: { readonly backup: string; readonly manifest: Manifest },
): void {
  const { firstZxid, lastZxid } = manifest;
  if (zxid >= firstZxid && zxid <= lastZxid) return;
  throw new StorageError(
    'unsupported',
    backup,
    `${backup} goes from ${formatZxid(firstZxid)} to ${formatZxid(lastZxid)}; ${formatZxid(zxid)} is not in it`,
  );
}

interface Drafts {
  readonly snapshot: NamedFile;
  readonly logs: readonly NamedFile[];
}

function* copyDrafts(
  { backup, directories, txnSizeMax }: RestoreOptions,
  { manifest, upTo }: { readonly manifest: Manifest; readonly upTo: Zxid },
): DiskScript<Drafts> {
  const [source] = filesNamed(backup, [manifest.snapshot.name], SNAPSHOT_PREFIX);
  if (source === undefined) throw new StorageError('corrupt', backup, `${backup} names no snapshot`);
  const snapshot = { ...source, path: draftPath(directories.snapshots, source.name) };
  yield* copyWhole(source.path, snapshot.path);
  const logs: NamedFile[] = [];
  for (const log of logsOf(backup, manifest)) {
    if (log.zxid > upTo) break;
    const path = draftPath(directories.logs, log.name);
    const { bytes } = yield* copyLog(log, path, { txnSizeMax, upTo });
    if (bytes !== null) logs.push({ ...log, path });
  }
  return { snapshot, logs };
}

function* verify(
  drafts: Drafts,
  expected: { readonly manifest: Manifest; readonly upTo: Zxid; readonly txnSizeMax: number },
): DiskScript<Restored> {
  const { manifest, upTo, txnSizeMax } = expected;
  const database = new CheckedDatabase();
  const { replay } = yield* readHistory(
    { snapshots: [drafts.snapshot], logs: drafts.logs },
    { sink: database, txnSizeMax, trustEmptySnapshot: false },
  );
  const { digest } = database;
  const wrong = database.mismatches[0];
  if (wrong !== undefined) throw digestError(drafts.snapshot.path, wrong);
  if (replay.lastZxid !== upTo) throw absent(drafts.snapshot.path, { upTo, found: replay.lastZxid });
  if (upTo === manifest.lastZxid && digest !== manifest.treeDigest) {
    throw digestError(drafts.snapshot.path, upTo);
  }
  return { zxid: replay.lastZxid, digest };
}

function absent(path: string, { upTo, found }: { readonly upTo: Zxid; readonly found: Zxid }): StorageError {
  return new StorageError(
    'unsupported',
    path,
    `the backup has no txn ${formatZxid(upTo)}; the last before it is ${formatZxid(found)}. Nothing was restored.`,
  );
}

function logsOf(backup: string, manifest: Manifest): NamedFile[] {
  const names = manifest.logs.map(({ name }) => name);
  return filesNamed(backup, names, LOG_PREFIX);
}

function draftPath(directory: string, name: string): string {
  return joinPath(directory, TEMPORARY_PREFIX + name);
}
