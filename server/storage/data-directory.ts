import { type DiskScript, listDirectory, makeDirectory, syncDirectory } from './disk-script.ts';
import { filesNamed, LOG_PREFIX, SNAPSHOT_PREFIX, type NamedFile } from './file-names.ts';
import { StorageError } from './storage-error.ts';

/** The two `version-2` directories, which are one unless `dataLogDir` is configured. */
export interface DataDirectories {
  /** Snapshots and epoch files. */
  readonly snapshots: string;
  readonly logs: string;
}

export interface DataFiles {
  /** Lowest zxid first, both of them. */
  readonly snapshots: readonly NamedFile[];
  readonly logs: readonly NamedFile[];
  /** Every name in the directory of the snapshots, and of the logs. */
  readonly snapshotNames: readonly string[];
  readonly logNames: readonly string[];
}

/** Lists both directories and refuses, as ZooKeeper does, if one holds what belongs in the other. */
export function* listDataFiles(directories: DataDirectories): DiskScript<DataFiles> {
  const snapshotNames = yield* listDirectory(directories.snapshots);
  if (directories.logs === directories.snapshots) {
    return dataFiles(directories, snapshotNames, snapshotNames);
  }
  const logNames = yield* listDirectory(directories.logs);
  refuseMisplaced(directories.snapshots, snapshotNames, { prefix: LOG_PREFIX, key: 'dataLogDir' });
  refuseMisplaced(directories.logs, logNames, { prefix: SNAPSHOT_PREFIX, key: 'dataDir' });
  return dataFiles(directories, snapshotNames, logNames);
}

function dataFiles(
  directories: DataDirectories,
  snapshotNames: readonly string[],
  logNames: readonly string[],
): DataFiles {
  return {
    snapshots: filesNamed(directories.snapshots, snapshotNames, SNAPSHOT_PREFIX),
    logs: filesNamed(directories.logs, logNames, LOG_PREFIX),
    snapshotNames,
    logNames,
  };
}

function refuseMisplaced(
  directory: string,
  names: readonly string[],
  file: { readonly prefix: string; readonly key: string },
): void {
  const misplaced = filesNamed(directory, names, file.prefix)[0];
  if (misplaced === undefined) return;
  throw new StorageError(
    'unsupported',
    misplaced.path,
    `${misplaced.path} lies in the wrong directory: it belongs under ${file.key}. Move it there, or configure ` +
      `one directory for both.`,
  );
}

/** Makes the directories if they are not there, durably: a directory's own name stands in its parent. */
export function* makeDataDirectories(directories: DataDirectories): DiskScript<void> {
  for (const directory of new Set([directories.snapshots, directories.logs])) {
    yield* makeDurableDirectory(directory);
  }
}

function* makeDurableDirectory(directory: string): DiskScript<void> {
  try {
    yield* listDirectory(directory);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
    const parent = parentOf(directory);
    if (parent !== null) yield* makeDurableDirectory(parent);
    yield* makeDirectory(directory);
    if (parent !== null) yield* syncDirectory(parent);
  }
}

/** Null for the root and for a name without a directory before it. */
function parentOf(directory: string): string | null {
  const trimmed = directory.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return null;
  return slash === 0 ? '/' : trimmed.slice(0, slash);
}
