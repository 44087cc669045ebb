import type { Zxid } from '../base/zxid.ts';

/**
 * The names in a `version-2` directory (protocol §3.1): `log.<zxid of its first txn>` and
 * `snapshot.<zxid applied last when it was begun>`, in hex without 0x and without padding.
 *
 * What is still being made is called `tmp.…`: ZooKeeper takes every name that begins with `log.` or
 * `snapshot.` for a finished file, whatever follows.
 */
export const LOG_PREFIX = 'log.';
export const SNAPSHOT_PREFIX = 'snapshot.';
export const TEMPORARY_PREFIX = 'tmp.';

export interface NamedFile {
  readonly name: string;
  readonly path: string;
  readonly zxid: Zxid;
}

export function logName(firstZxid: Zxid): string {
  return LOG_PREFIX + firstZxid.toString(16);
}

export function snapshotName(zxid: Zxid): string {
  return SNAPSHOT_PREFIX + zxid.toString(16);
}

export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** Of a path with at least one slash. */
export function directoryOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === 0 ? '/' : path.slice(0, end);
}

/** The files of that prefix, lowest zxid first. A name whose number cannot be read is not one of ours. */
export function filesNamed(directory: string, names: readonly string[], prefix: string): NamedFile[] {
  const files: NamedFile[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [hex = '', compression = '', ...others] = name.slice(prefix.length).split('.');
    const mayBeCompressed = prefix === SNAPSHOT_PREFIX && (compression === 'gz' || compression === 'snappy');
    if (!/^[0-9a-f]{1,16}$/.test(hex) || others.length > 0) continue;
    if (compression !== '' && !mayBeCompressed) continue;
    files.push({ name, path: joinPath(directory, name), zxid: Number.parseInt(hex, 16) as Zxid });
  }
  return files.sort((x, y) => x.zxid - y.zxid);
}
