import { formatZxid } from '../base/zxid.ts';
import { type DataDirectories, listDataFiles } from '../storage/data-directory.ts';
import { type DiskScript, withFile } from '../storage/disk-script.ts';
import type { NamedFile } from '../storage/file-names.ts';
import { readHistory } from '../storage/read-history.ts';
import { looksLikeSnapshot } from '../storage/snapshot-reader.ts';
import { StorageError } from '../storage/storage-error.ts';
import { CheckedDatabase } from './checked-database.ts';
import { digestError } from './digest-error.ts';
import { readLog } from './print-log.ts';
import { readSnapshotFile } from './print-snapshot.ts';

export interface DataCheck {
  readonly lines: readonly string[];
  /** One for each file that is damaged, and for what the directory as a whole does not give. */
  readonly damage: readonly StorageError[];
}

/**
 * Reads all of a data directory as a start would, changing nothing: each file for itself, and then the state that they
 * stand for together, whose digest is compared with every one that was logged.
 */
export function* checkData(directories: DataDirectories, txnSizeMax: number): DiskScript<DataCheck> {
  const files = yield* listDataFiles(directories);
  const lines: string[] = [];
  const damage: StorageError[] = [];
  for (const snapshot of files.snapshots) {
    yield* noting(damage, describeSnapshot(snapshot), (line) => lines.push(line));
  }
  for (const log of files.logs) {
    yield* noting(damage, describeLog(log, txnSizeMax), (line) => lines.push(line));
  }

  const database = new CheckedDatabase();
  const state = readHistory(files, { sink: database, txnSizeMax, trustEmptySnapshot: false });
  yield* noting(damage, state, ({ replay, snapshot }) => {
    const wrong = database.mismatches[0];
    if (wrong !== undefined) damage.push(digestError(directories.logs, wrong));
    if (snapshot === null) return;
    lines.push(
      `state at ${formatZxid(replay.lastZxid)}: ${database.nodeCount} nodes, digest 0x${database.digest.toString(16)}, ` +
        `${database.comparedCount} recorded digests compared`,
    );
  });
  return { lines, damage: withoutRepeats(damage) };
}

/** Damage is noted, and the next file looked at all the same. */
function* noting<T>(
  damage: StorageError[],
  script: DiskScript<T>,
  use: (result: T) => void,
): DiskScript<void> {
  try {
    use(yield* script);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code === 'io') throw error;
    damage.push(error);
  }
}

function* describeSnapshot(snapshot: NamedFile): DiskScript<string> {
  const isFinished = yield* withFile(snapshot.path, 'read', looksLikeSnapshot);
  if (!isFinished)
    return `${snapshot.name}: not written to its end, as a crash leaves it; a start passes it over`;
  const { nodeCount, sessions, isDigestRight } = yield* readSnapshotFile(snapshot, () => undefined);
  if (isDigestRight === false) throw digestError(snapshot.path, snapshot.zxid);
  const digest = isDigestRight === null ? 'no digest to compare alone' : 'digest right';
  return `${snapshot.name}: ${nodeCount} nodes, ${sessions.length} sessions, ${digest}`;
}

function* describeLog(log: NamedFile, txnSizeMax: number): DiskScript<string> {
  const summary = yield* readLog(log, { txnSizeMax, onTxn: () => undefined });
  const { txnCount, firstZxid, lastZxid, torn } = summary;
  const range =
    firstZxid === null || lastZxid === null ? '' : `, ${formatZxid(firstZxid)} to ${formatZxid(lastZxid)}`;
  const end = torn === null ? '' : `, ${torn.bytesLost} bytes behind them of a write that was not finished`;
  return `${log.name}: ${txnCount} txns${range}${end}`;
}

/** The same file found damaged alone and with the others. */
function withoutRepeats(damage: readonly StorageError[]): StorageError[] {
  return [...new Map(damage.map((error) => [error.message, error])).values()];
}
