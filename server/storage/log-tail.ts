import { BATCH_BYTES_MAX, ENTRY_END, ENTRY_OVERHEAD_BYTES, ENTRY_PREFIX_BYTES } from './log-format.ts';
import { readTailMark, TAIL_MARK_BYTES, TXN_HEADER_BYTES, TXN_ZXID_OFFSET } from './log-format.ts';
import type { TailMark } from './log-format.ts';
import { isChecksumRight } from './log-scanner.ts';

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512;
/** An entry may begin with this many zeros: the upper half of its checksum. */
const ENTRY_ZEROS_MAX = 4;

/**
 * What lies behind the last readable entry of the last log:
 * - `clean`: nothing;
 * - `torn`: a batch that was being written when the machine stopped, so nobody was told of it;
 * - `damaged`: entries that were durable once, or may have been.
 */
export type TailVerdict =
  { readonly type: 'clean' } | { readonly type: 'torn' } | { readonly type: 'damaged'; readonly why: string };

/** The longest stretch that one torn write can leave behind. */
export function tornBytesMax(txnSizeMax: number): number {
  return BATCH_BYTES_MAX + txnSizeMax + ENTRY_OVERHEAD_BYTES + TAIL_MARK_BYTES;
}

/**
 * Judges the bytes behind the last readable entry. `offset` is where in the file they begin; they go to the
 * last that is not zero, and `TAIL_MARK_BYTES` zeros further. None at all if there are only zeros.
 *
 * A batch is one write of many entries, and a crash in it may leave any of its sectors unwritten, so a
 * readable entry behind an unreadable one does not prove damage. Two things tell. An unwritten sector is full
 * of zeros, because log files are written once over zeros, or over nothing; a flipped bit leaves no such
 * hole. And a tail mark says where the last batch began: what is before was durable when it was written.
 */
export function judgeTail(bytes: Uint8Array, offset: number, txnSizeMax: number): TailVerdict {
  if (bytes.length === 0) return { type: 'clean' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isMarkedHere = readTailMark(view, 0, offset) !== null;
  if (isMarkedHere) return { type: bytes.length <= 2 * TAIL_MARK_BYTES ? 'clean' : 'torn' };
  if (bytes.length - TAIL_MARK_BYTES > tornBytesMax(txnSizeMax)) {
    return { type: 'damaged', why: `${bytes.length} bytes follow it, more than are ever written at once` };
  }

  const mark = lastMark(view, offset);
  if (mark !== null && mark.start > offset) {
    return { type: 'damaged', why: `it was durable before the batch at byte ${mark.start} was written` };
  }
  const intactAt = mark === null ? nextEntry(view, txnSizeMax) : mark.end - offset;
  if (intactAt === null) return { type: 'torn' };
  const batchStart = mark === null ? offset : mark.start;
  if (hasHole(bytes.subarray(0, intactAt), { offset, batchStart })) return { type: 'torn' };
  return {
    type: 'damaged',
    why: `what follows at byte ${offset + intactAt} is intact, and no sector between is missing`,
  };
}

function lastMark(view: DataView, offset: number): TailMark | null {
  for (let at = view.byteLength - TAIL_MARK_BYTES; at > 0; at--) {
    const mark = readTailMark(view, at, offset + at);
    if (mark !== null) return mark;
  }
  return null;
}

/**
 * Where the first readable entry behind the one at the start is, or null. What is readable within that one's own length
 * may be its data, a piece of some log, unless it is the very txn that follows.
 */
function nextEntry(view: DataView, txnSizeMax: number): number | null {
  const last = view.byteLength - ENTRY_OVERHEAD_BYTES - TXN_HEADER_BYTES;
  for (let at = 1; at <= last; at++) {
    const length = lengthAt(view, at, txnSizeMax);
    if (length === null) continue;
    const end = at + ENTRY_PREFIX_BYTES + length;
    if (end >= view.byteLength || view.getUint8(end) !== ENTRY_END) continue;
    if (!isChecksumRight(view, at, end)) continue;
    const isData = at < ENTRY_PREFIX_BYTES + (lengthAt(view, 0, txnSizeMax) ?? 0);
    if (!isData || follows(zxidAt(view, at), zxidAt(view, 0))) return at;
  }
  return null;
}

/** Of the txn entry, or null if it can have no such length. */
function lengthAt(view: DataView, at: number, txnSizeMax: number): number | null {
  const length = view.getInt32(at + 8);
  return length < TXN_HEADER_BYTES || length > txnSizeMax ? null : length;
}

function zxidAt(view: DataView, at: number): bigint {
  return view.getBigUint64(at + ENTRY_PREFIX_BYTES + TXN_ZXID_OFFSET);
}

/** The next one of its epoch, or one of a later. */
function follows(zxid: bigint, before: bigint): boolean {
  return zxid === before + 1n || zxid >> 32n > before >> 32n;
}

/**
 * Whether some sector, or the part of it that belongs to the batch, was never written. An unwritten one is all
 * zeros, but for what it may hold of the mark before the batch: where the batch begins that shows as the twelve
 * zeros a mark begins with, which no entry does, and behind it the mark's bytes do not count.
 */
function hasHole(
  bytes: Uint8Array,
  where: { readonly offset: number; readonly batchStart: number },
): boolean {
  const { offset, batchStart } = where;
  const markEnd = batchStart + TAIL_MARK_BYTES - offset;
  const firstEnd = Math.min(bytes.length, SECTOR_BYTES - (offset % SECTOR_BYTES));
  if (offset === batchStart && isUnwritten(bytes.subarray(0, Math.min(firstEnd, ENTRY_PREFIX_BYTES))))
    return true;
  for (let start = offset % SECTOR_BYTES === 0 ? 0 : firstEnd; start < bytes.length; start += SECTOR_BYTES) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES);
    if (isUnwritten(bytes.subarray(Math.min(end, Math.max(start, markEnd)), end))) return true;
  }
  return false;
}

function isUnwritten(bytes: Uint8Array): boolean {
  return bytes.length > ENTRY_ZEROS_MAX && bytes.every((byte) => byte === 0);
}
