import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { EPOCH_MAX, formatZxid } from '../base/zxid.ts';
import {
  type DataDirectories,
  type DataFiles,
  listDataFiles,
  makeDataDirectories,
} from './data-directory.ts';
import type { DiskFile } from './disk.ts';
import { type DiskScript, ignoringErrors, readFile, sizeOf, syncDirectory } from './disk-script.ts';
import { syncFile, truncateFile, unlinkFile, withFile, writeFile } from './disk-script.ts';
import { joinPath, type NamedFile, TEMPORARY_PREFIX } from './file-names.ts';
import { LOG_HEADER_BYTES, readTailMark, TAIL_MARK_BYTES, writeTailMark } from './log-format.ts';
import { LogReplay, type TornLog, type TxnSink } from './log-replay.ts';
import { tornBytesMax } from './log-tail.ts';
import { looksLikeSnapshot, readSnapshot, type SnapshotEnd, type SnapshotSink } from './snapshot-reader.ts';
import { StorageError } from './storage-error.ts';

/** How many snapshots are tried before giving up, newest first. */
const CANDIDATES_MAX = 100;
const REWRITE_BYTES = 1 << 20;

export interface RecoverySink extends SnapshotSink, TxnSink {
  /**
   * A snapshot is about to be read. It may be the second attempt: whatever an earlier one brought is void.
   * Not called if there is no snapshot.
   */
  beginSnapshot(zxid: Zxid): void;
  endSnapshot(end: SnapshotEnd): void;
}

export interface RecoveryOptions {
  readonly directories: DataDirectories;
  readonly sink: RecoverySink;
  /** The longest txn entry that is read, in bytes: `jute.maxbuffer` + `jute.maxbuffer.extrasize`. */
  readonly txnSizeMax: number;
  /** `snapshot.trust.empty`: accept a log without a snapshot. */
  readonly trustEmptySnapshot: boolean;
}

export interface SkippedSnapshot {
  readonly path: string;
  readonly zxid: Zxid;
  readonly why: string;
  /** A crash of Apache leaves such a one; nothing was ever acknowledged for the sake of it. */
  readonly isUnfinished: boolean;
}

class UnfinishedSnapshot extends StorageError {
  constructor(path: string) {
    super('corrupt', path, `${path} was not written to its end.`);
  }
}

export interface Recovery {
  /** Of the last transaction in the recovered state; 0 for a fresh directory. */
  readonly lastZxid: Zxid;
  /** Null for a fresh directory: the caller must write a snapshot of the empty tree before anything else. */
  readonly snapshotZxid: Zxid | null;
  /** Transactions replayed above the snapshot. */
  readonly txnCount: number;
  /** Snapshots that could not be loaded, and why. */
  readonly skipped: readonly SkippedSnapshot[];
  /** What a crash had left of writes that were never acknowledged, and has been removed. */
  readonly torn: readonly TornLog[];
}

/**
 * Brings back the state of a data directory (protocol §3.4): the newest snapshot that can be read, and every
 * transaction logged above it.
 *
 * What a crash can have left behind is repaired silently: the torn tail of the last log, a log without a whole
 * header, temporary files. Anything else that cannot be read is refused with the place, and then nothing has
 * been changed. When it returns, what it has read is on the disk: after a crash of this process alone the tail
 * may be in the page cache only, and acknowledging it from there would promise what a power cut takes away.
 */
export function* recover(options: RecoveryOptions): DiskScript<Recovery> {
  yield* makeDataDirectories(options.directories);
  const files = yield* listDataFiles(options.directories);
  refuseEpochsBeyondOurs(files);

  const skipped: SkippedSnapshot[] = [];
  const snapshot = yield* loadSnapshot(files, { sink: options.sink, skipped });
  const snapshotZxid = snapshot?.zxid ?? ZXID_ZERO;
  const logs = logsAbove(files.logs, snapshotZxid);
  const replay = new LogReplay({
    sink: options.sink,
    snapshotZxid,
    txnSizeMax: options.txnSizeMax,
    acceptsEntries: snapshot !== null || options.trustEmptySnapshot,
    landmarks: skipped.filter(({ isUnfinished }) => !isUnfinished).map(({ zxid }) => zxid),
  });
  for (const log of logs) yield* replay.replay(log);
  refuseLoss(skipped, replay);

  yield* cutTorn(replay.torn);
  yield* removeTemporaries(options.directories, files);
  if (replay.lastLog !== null) yield* redoLastChange(replay.lastLog, options.txnSizeMax);
  yield* makeDurable(options.directories, { snapshot, logs, torn: replay.torn });
  return {
    lastZxid: replay.lastZxid,
    snapshotZxid: snapshot?.zxid ?? (replay.entryCount > 0 ? ZXID_ZERO : null),
    txnCount: replay.txnCount,
    skipped,
    torn: replay.torn,
  };
}

/** Beyond 2^53 a zxid would lose bits, so no name of that kind may become one. */
function refuseEpochsBeyondOurs(files: DataFiles): void {
  for (const { path, zxid } of [...files.snapshots, ...files.logs]) {
    if (zxid < (EPOCH_MAX + 1) * 2 ** 32) continue;
    throw new StorageError(
      'unsupported',
      path,
      `${path} is of an epoch above ${EPOCH_MAX}, the highest this server can represent. Nothing was changed: go on ` +
        `with Apache ZooKeeper on this data directory, or give this server another one.`,
    );
  }
}

/**
 * An older snapshot will do in the place of a damaged one as long as the logs lead from it to where that was: they have the
 * very txn of its zxid, for a server logs without a gap. Where they do not, because the damaged one came from a leader and
 * took their place, its history is not to be had here: to go on from the older one would be to forget what was
 * acknowledged, without a word, whatever was logged afterwards. Of a snapshot at the beginning of an epoch, which has no
 * txn, it cannot be told, and so it is refused.
 */
function refuseLoss(skipped: readonly SkippedSnapshot[], replay: LogReplay): void {
  const lost = skipped.find(({ zxid }) => replay.missed.has(zxid));
  if (lost === undefined) return;
  throw new StorageError(
    'corrupt',
    lost.path,
    `${lost.why} No log leads up to it from the snapshot before, so what lies between would be forgotten. ` +
      `Nothing was changed. Restore this data directory from another server of the ensemble or from a backup.`,
  );
}

function* loadSnapshot(
  files: DataFiles,
  context: { readonly sink: RecoverySink; readonly skipped: SkippedSnapshot[] },
): DiskScript<NamedFile | null> {
  for (const snapshot of files.snapshots.toReversed().slice(0, CANDIDATES_MAX)) {
    try {
      yield* readCandidate(snapshot, context.sink);
      return snapshot;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const { path, zxid } = snapshot;
      context.skipped.push({
        path,
        zxid,
        why: error.message,
        isUnfinished: error instanceof UnfinishedSnapshot,
      });
    }
  }
  if (files.snapshots.length === 0) return null;
  throw new StorageError(
    'corrupt',
    files.snapshots.at(-1)?.path ?? '',
    `none of the ${files.snapshots.length} snapshots can be read: ` +
      `${context.skipped.map(({ why }) => why).join(' ')} Nothing was changed. Restore this data directory ` +
      `from another server of the ensemble or from a backup.`,
  );
}

function* readCandidate(snapshot: NamedFile, sink: RecoverySink): DiskScript<void> {
  if (!/\.[0-9a-f]+$/.test(snapshot.name) || snapshot.name.split('.').length > 2) {
    throw new StorageError(
      'unsupported',
      snapshot.path,
      `${snapshot.path} is compressed, which this server does not read. Unpack it under its name without the ` +
        `last part, or restart ZooKeeper once with zookeeper.snapshot.compression.method unset.`,
    );
  }
  yield* withFile(snapshot.path, 'read', function* (file) {
    if (!(yield* looksLikeSnapshot(file))) {
      throw new UnfinishedSnapshot(snapshot.path);
    }
    sink.beginSnapshot(snapshot.zxid);
    sink.endSnapshot(yield* readSnapshot(file, sink));
  });
}

/** The log that may hold the first transaction above the snapshot, and all after it. */
function logsAbove(logs: readonly NamedFile[], snapshotZxid: Zxid): readonly NamedFile[] {
  const first = logs.findLastIndex(({ zxid }) => zxid <= snapshotZxid + 1);
  return logs.slice(Math.max(0, first));
}

/** Otherwise Apache, and our own next start, would take the rest for damage before the tail. */
function* cutTorn(torn: readonly TornLog[]): DiskScript<void> {
  for (const { path, length } of torn) {
    if (length === 0) {
      yield* unlinkFile(path);
      continue;
    }
    yield* withFile(path, 'write', function* (file) {
      yield* truncateFile(file, length);
      yield* syncFile(file);
    });
  }
}

function* removeTemporaries(directories: DataDirectories, files: DataFiles): DiskScript<void> {
  const paths = new Set([
    ...files.snapshotNames.map((name) => joinPath(directories.snapshots, name)),
    ...files.logNames.map((name) => joinPath(directories.logs, name)),
  ]);
  for (const path of paths) {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith(TEMPORARY_PREFIX)) {
      yield* ignoringErrors(unlinkFile(path));
    }
  }
}

/**
 * After a flush that failed, the kernel may have kept the new bytes readable and called their pages clean: a
 * process that starts again reads what is not on the disk, and a flush of it does nothing and succeeds. So
 * what may be of that kind is done once more before it is flushed: the bytes of the last batch are written, and the
 * file is made longer and cut again, for where it ends may have been cut as well.
 */
function* redoLastChange(
  log: { readonly path: string; readonly end: number },
  txnSizeMax: number,
): DiskScript<void> {
  yield* withFile(log.path, 'write', function* (file) {
    const size = yield* sizeOf(file);
    const end = Math.min(size, log.end + TAIL_MARK_BYTES);
    const chunk = new Uint8Array(Math.min(end, REWRITE_BYTES));
    for (let offset = Math.max(0, end - tornBytesMax(txnSizeMax)); offset < end;) {
      const length = yield* readFile(file, chunk.subarray(0, end - offset), offset);
      if (length === 0) return;
      yield* writeFile(file, [chunk.subarray(0, length)], offset);
      offset += length;
    }
    yield* markEnd(file, log.end);
    const length = Math.max(size, log.end + TAIL_MARK_BYTES);
    yield* truncateFile(file, length + 1);
    yield* truncateFile(file, length);
  });
}

/**
 * A log that was cut has lost its mark, and one of Apache's never had one. Then nothing would tell damage in its last
 * entries from a torn write. Where the last batch began is not known any more; nothing before the end may be missing.
 */
function* markEnd(file: DiskFile, end: number): DiskScript<void> {
  const mark = new Uint8Array(TAIL_MARK_BYTES);
  const view = new DataView(mark.buffer);
  const length = yield* readFile(file, mark, end);
  if (length === TAIL_MARK_BYTES && readTailMark(view, 0, end) !== null) return;
  writeTailMark(view, 0, { start: LOG_HEADER_BYTES, end });
  yield* writeFile(file, [mark], end);
}

function* makeDurable(
  directories: DataDirectories,
  used: {
    readonly snapshot: NamedFile | null;
    readonly logs: readonly NamedFile[];
    readonly torn: readonly TornLog[];
  },
): DiskScript<void> {
  const removed = new Set(used.torn.filter(({ length }) => length === 0).map(({ path }) => path));
  const read = used.snapshot === null ? used.logs : [used.snapshot, ...used.logs];
  for (const { path } of read) {
    if (!removed.has(path)) yield* withFile(path, 'write', syncFile);
  }
  for (const directory of new Set([directories.snapshots, directories.logs])) {
    yield* syncDirectory(directory);
  }
}

/** For a log line: what was recovered, in one sentence. */
export function describeRecovery(recovery: Recovery): string {
  if (recovery.snapshotZxid === null) return 'the data directory is empty';
  return (
    `snapshot ${formatZxid(recovery.snapshotZxid)} and ${recovery.txnCount} transactions above it, ` +
    `up to ${formatZxid(recovery.lastZxid)}`
  );
}
