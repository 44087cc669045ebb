import { closeSync, fstatSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Both servers' name for what is below dataDir: all but `myid`. */
const VERSION_DIRECTORY = 'version-2';

export type DataFileKind = 'log' | 'snapshot';

/** Files of a stopped server, the oldest first. */
export function dataFiles(dataDir: string, kind: DataFileKind): string[] {
  const directory = join(dataDir, VERSION_DIRECTORY);
  return namesIn(directory)
    .flatMap((name) => {
      const zxid = new RegExp(`^${kind}\\.([0-9a-f]+)$`).exec(name)?.[1];
      return zxid === undefined ? [] : [{ name, zxid: Number.parseInt(zxid, 16) }];
    })
    .sort((a, b) => a.zxid - b.zxid)
    .map(({ name }) => join(directory, name));
}

/** Takes everything from a stopped server but who it is. */
export function emptyDataDirectory(dataDir: string): { readonly files: number; readonly bytes: number } {
  const directory = join(dataDir, VERSION_DIRECTORY);
  const files = namesIn(directory).map((name) => join(directory, name));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  rmSync(directory, { recursive: true, force: true });
  return { files: files.length, bytes };
}

export function countDataFiles(dataDir: string): number {
  return namesIn(join(dataDir, VERSION_DIRECTORY)).length;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export interface FlippedBit {
  readonly file: string;
  readonly offset: number;
  readonly bit: number;
  readonly before: number;
  readonly after: number;
}

/** `at`: where in what was written, from 0 up to 1. Null: the file is empty. */
export function flipBit(file: string, at: number, bit: number): FlippedBit | null {
  const fd = openSync(file, 'r+');
  try {
    const length = writtenLength(fd);
    if (length === 0) return null;
    const offset = Math.min(length - 1, Math.floor(at * length));
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, offset);
    const before = byte[0] as number;
    const after = before ^ (1 << bit);
    writeSync(fd, Buffer.of(after), 0, 1, offset);
    return { file, offset, bit, before, after };
  } finally {
    closeSync(fd);
  }
}

export function byteAt(file: string, offset: number): number | null {
  const fd = openSync(file, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(fd, byte, 0, 1, offset) === 1 ? (byte[0] as number) : null;
  } finally {
    closeSync(fd);
  }
}

/** Without the zeros at the end, which a log is filled up with ahead of its use. */
function writtenLength(fd: number): number {
  const bytes = Buffer.alloc(65_536);
  for (let end = fstatSync(fd).size; end > 0;) {
    const from = Math.max(0, end - bytes.length);
    const length = readSync(fd, bytes, 0, end - from, from);
    for (let i = length - 1; i >= 0; i--) if (bytes[i] !== 0) return from + i + 1;
    end = from;
  }
  return 0;
}
