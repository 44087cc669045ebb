import { formatZxid, type Zxid } from '../base/zxid.ts';
import type { DiskScript } from '../storage/disk-script.ts';
import { joinPath } from '../storage/file-names.ts';
import { readTextFile, replaceFile } from '../storage/small-file.ts';
import { StorageError } from '../storage/storage-error.ts';

/** Written last: a directory without it is no backup, whatever else is in it. */
export const MANIFEST = 'manifest.json';
const SCHEMA = 'stampede.backup/1';
const TEXT_BYTES_MAX = 16 << 20;

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
}

export interface Manifest {
  /** The earliest point that can be restored. */
  readonly firstZxid: Zxid;
  readonly lastZxid: Zxid;
  /** Of the tree at `lastZxid`, unsigned. */
  readonly treeDigest: bigint;
  /** When the last txn was logged, wall clock in ms; null if there is none above the snapshot. */
  readonly lastTime: number | null;
  readonly snapshot: ManifestFile;
  readonly logs: readonly ManifestFile[];
}

export function* writeManifest(directory: string, manifest: Manifest): DiskScript<void> {
  const { firstZxid, lastZxid, treeDigest, lastTime, snapshot, logs } = manifest;
  const document = {
    schema: SCHEMA,
    firstZxid: formatZxid(firstZxid),
    lastZxid: formatZxid(lastZxid),
    treeDigest: `0x${treeDigest.toString(16)}`,
    lastTime: lastTime === null ? null : new Date(lastTime).toISOString(),
    snapshot,
    logs,
  };
  yield* replaceFile(joinPath(directory, MANIFEST), `${JSON.stringify(document, null, 2)}\n`);
}

/** @throws StorageError `missing` if there is none, `corrupt` if it is not one. */
export function* readManifest(directory: string): DiskScript<Manifest> {
  const path = joinPath(directory, MANIFEST);
  const text = yield* readTextFile(path, TEXT_BYTES_MAX);
  if (text === null) {
    throw new StorageError(
      'missing',
      path,
      `${path} is not there: this is no backup, or one that was not finished. Take it again.`,
    );
  }
  try {
    return parseManifest(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StorageError('corrupt', path, `${path} is no manifest of a backup: ${why}`, { cause: error });
  }
}

function parseManifest(value: unknown): Manifest {
  const document = recordOf(value);
  if (document['schema'] !== SCHEMA) throw new TypeError(`its schema is not ${SCHEMA}`);
  const { logs, lastTime } = document;
  if (!Array.isArray(logs)) throw new TypeError('logs is no list');
  return {
    firstZxid: Number(hexOf(document, 'firstZxid')) as Zxid,
    lastZxid: Number(hexOf(document, 'lastZxid')) as Zxid,
    treeDigest: hexOf(document, 'treeDigest'),
    lastTime: typeof lastTime === 'string' ? Date.parse(lastTime) : null,
    snapshot: fileOf(document['snapshot']),
    logs: logs.map(fileOf),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('an object is missing');
  return value as Record<string, unknown>;
}

function hexOf(document: Readonly<Record<string, unknown>>, key: string): bigint {
  const text = document[key];
  if (typeof text !== 'string' || !/^0x[0-9a-f]{1,16}$/.test(text))
    throw new TypeError(`${key} is no number`);
  return BigInt(text);
}

/** A name is one in the backup's own directory. */
function fileOf(value: unknown): ManifestFile {
  const { name, bytes } = recordOf(value);
  if (typeof name !== 'string' || !/^(snapshot|log)\.[0-9a-f]{1,16}$/.test(name)) {
    throw new TypeError(`${JSON.stringify(name)} is no name of a snapshot or a log`);
  }
  if (typeof bytes !== 'number') throw new TypeError(`${name} has no length`);
  return { name, bytes };
}
