import { formatZxid, ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import {
  type DataDirectories,
  type DataFiles,
  listDataFiles,
  makeDataDirectories,
} from './data-directory.ts';
import type { DiskFile } from './disk.ts';
import { type DiskScript, ignoringErrors, readFile, sizeOf, syncDirectory } from './disk-script.ts';
import { syncFile, truncateFile, unlinkFile, withFile, writeFile } from './disk-script.ts';
import { directoryOf, joinPath, type NamedFile, TEMPORARY_PREFIX } from './file-names.ts';
import { LOG_HEADER_BYTES, readTailMark, TAIL_MARK_BYTES, writeTailMark } from './log-format.ts';
import type { TornLog } from './log-replay.ts';
import { tornBytesMax } from './log-tail.ts';
import { readHistory, type HistoryOptions, type SkippedSnapshot } from './read-history.ts';

const REWRITE_BYTES = 1 << 20;

export interface RecoveryOptions extends HistoryOptions {
  readonly directories: DataDirectories;
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
  const { snapshot, skipped, logs, replay } = yield* readHistory(files, options);

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

/**
 * Otherwise Apache, and our own next start, would take the rest for damage before the tail. Durably: a log that came back
 * would follow one that is only now given its mark, and has a part of it after a crash.
 */
function* cutTorn(torn: readonly TornLog[]): DiskScript<void> {
  for (const { path, length } of torn) {
    if (length === 0) {
      yield* unlinkFile(path);
      yield* syncDirectory(directoryOf(path));
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
