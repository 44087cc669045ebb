import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/** What an account is made of, one JSON object a line. */
export type AccountLine =
  | UnflushedWrite
  /** What was written to this file up to the write with this number is on the disk. */
  | { readonly type: 'flush'; readonly path: string; readonly covered: number }
  | { readonly type: 'rename'; readonly from: string; readonly to: string };

export interface UnflushedWrite {
  readonly type: 'write';
  readonly serial: number;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** What stood there before, base64; shorter than `length` where the file ended. */
  readonly before: string;
}

/** A disk's unit: what is written of one is written as a whole or not at all. */
const SECTOR_BYTES = 512;

/** Whether a sector of what was not flushed is on the disk all the same. */
export type SectorChoice = () => boolean;

/** What was taken away from a killed server. */
export interface Undone {
  readonly writes: number;
  readonly bytesLost: number;
  readonly sectorsKept: number;
  readonly sectorsLost: number;
}

/**
 * Takes away what a killed server had written and not flushed: what stood there before is there again, as after a power
 * cut. Sector by sector, `isKept` is asked whether one reached the disk all the same, which tears a write. Forgets the
 * account.
 */
export function undoUnflushed(accountFile: string, isKept: SectorChoice = () => false): Undone {
  const undone = { writes: 0, bytesLost: 0, sectorsKept: 0, sectorsLost: 0 };
  for (const write of unflushedWrites(readIfThere(accountFile)).toReversed()) undo(write, isKept, undone);
  rmSync(accountFile, { force: true });
  return undone;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function unflushedWrites(account: string): readonly UnflushedWrite[] {
  let writes: UnflushedWrite[] = [];
  for (const text of account.split('\n')) {
    // The kill may have cut the last one short.
    if (!text.endsWith('}')) continue;
    const line = JSON.parse(text) as AccountLine;
    switch (line.type) {
      case 'write':
        writes.push(line);
        break;
      case 'flush':
        writes = writes.filter(({ path, serial }) => path !== line.path || serial > line.covered);
        break;
      case 'rename':
        writes = writes.map((write) => (write.path === line.from ? { ...write, path: line.to } : write));
        break;
    }
  }
  return writes;
}

type Counts = { -readonly [name in keyof Undone]: Undone[name] };

/** A file that has been removed since has nothing to lose. */
function undo(write: UnflushedWrite, isKept: SectorChoice, counts: Counts): void {
  const { path, offset } = write;
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch {
    return;
  }
  counts.writes++;
  const before = Buffer.from(write.before, 'base64');
  const { size } = fstatSync(fd);
  const end = Math.min(offset + write.length, size);
  let keptEnd = offset + before.length;
  for (let from = offset; from < end;) {
    const to = Math.min(end, from - (from % SECTOR_BYTES) + SECTOR_BYTES);
    if (isKept()) {
      counts.sectorsKept++;
      keptEnd = Math.max(keptEnd, to);
    } else {
      // Behind what the file had there are zeros, for as far as it stays.
      const old = Buffer.alloc(to - from);
      old.set(before.subarray(from - offset, to - offset));
      writeSync(fd, old, 0, old.length, from);
      counts.sectorsLost++;
      counts.bytesLost += to - from;
    }
    from = to;
  }
  if (before.length < write.length && end === size && keptEnd < size) ftruncateSync(fd, keptEnd);
  closeSync(fd);
}
