import { EPOCH_MAX, ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import type { DataFiles } from './data-directory.ts';
import { type DiskScript, withFile } from './disk-script.ts';
import type { NamedFile } from './file-names.ts';
import { LogReplay, type TxnSink } from './log-replay.ts';
import { looksLikeSnapshot, readSnapshot, type SnapshotEnd, type SnapshotSink } from './snapshot-reader.ts';
import { StorageError } from './storage-error.ts';

/** How many snapshots are tried before giving up, newest first. */
const CANDIDATES_MAX = 100;

export interface RecoverySink extends SnapshotSink, TxnSink {
  /**
   * A snapshot is about to be read. It may be the second attempt: whatever an earlier one brought is void.
   * Not called if there is no snapshot.
   */
  beginSnapshot(zxid: Zxid): void;
  endSnapshot(end: SnapshotEnd): void;
  /**
   * What the state does not have, and no sound one is without; null if it is whole. Asked when all is replayed: a fuzzy
   * snapshot may lack what the logs above it bring (B25).
   */
  lacks(): string | null;
}

export interface HistoryOptions {
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

/** What a data directory says its state is. */
export interface StoredHistory {
  /** The one that was loaded; null if there is none at all. */
  readonly snapshot: NamedFile | null;
  /** Snapshots that could not be loaded, and why. */
  readonly skipped: readonly SkippedSnapshot[];
  /** Those that were replayed. */
  readonly logs: readonly NamedFile[];
  readonly replay: LogReplay;
}

/**
 * Gives the sink the newest snapshot that can be read, and every transaction logged above it (protocol §3.4). It only
 * reads: what a crash has left behind is named in `replay.torn`, and anything else that cannot be read is refused with the
 * place.
 */
export function* readHistory(
  files: Pick<DataFiles, 'snapshots' | 'logs'>,
  options: HistoryOptions,
): DiskScript<StoredHistory> {
  refuseEpochsBeyondOurs(files);
  const skipped: SkippedSnapshot[] = [];
  for (;;) {
    const history = yield* readNext(files, options, skipped);
    const lacking = options.sink.lacks();
    const { snapshot, replay } = history;
    if (snapshot === null || lacking === null) {
      refuseLoss(skipped, replay);
      return history;
    }
    const { path, zxid } = snapshot;
    skipped.push({ path, zxid, why: `${path} is damaged: ${lacking}.`, isUnfinished: false });
  }
}

/** The newest snapshot that can be read, of those that have not been skipped, and the logs above it. */
function* readNext(
  files: Pick<DataFiles, 'snapshots' | 'logs'>,
  options: HistoryOptions,
  skipped: SkippedSnapshot[],
): DiskScript<StoredHistory> {
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
  return { snapshot, skipped, logs, replay };
}

/** Beyond 2^53 a zxid would lose bits, so no name of that kind may become one. */
function refuseEpochsBeyondOurs(files: Pick<DataFiles, 'snapshots' | 'logs'>): void {
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
  files: Pick<DataFiles, 'snapshots' | 'logs'>,
  context: { readonly sink: RecoverySink; readonly skipped: SkippedSnapshot[] },
): DiskScript<NamedFile | null> {
  for (const snapshot of files.snapshots.toReversed().slice(context.skipped.length, CANDIDATES_MAX)) {
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
export function logsAbove(logs: readonly NamedFile[], snapshotZxid: Zxid): readonly NamedFile[] {
  const first = logs.findLastIndex(({ zxid }) => zxid <= snapshotZxid + 1);
  return logs.slice(Math.max(0, first));
}
