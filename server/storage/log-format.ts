import { adler32 } from './adler32.ts';

/**
 * The bytes of a txn log (protocol §3.2):
 * ```
 * file   = FileHeader ‖ entry* ‖ zero padding
 * header = i32 magic "ZKLG" ‖ i32 version 2 ‖ i64 dbid 0
 * entry  = i64 Adler-32 of the txn entry ‖ i32 length ‖ txn entry ‖ 'B'
 * ```
 * A length of 0, which is what padding reads as, ends the file.
 */
export const LOG_MAGIC = 0x5a4b4c47;
export const LOG_VERSION = 2;
export const LOG_HEADER_BYTES = 16;
/** Checksum and length, before the txn entry. */
export const ENTRY_PREFIX_BYTES = 12;
/** 'B', behind it. */
export const ENTRY_END = 0x42;
export const ENTRY_OVERHEAD_BYTES = ENTRY_PREFIX_BYTES + 1;
/** TxnHeader: i64 clientId ‖ i32 cxid ‖ i64 zxid ‖ i64 time ‖ i32 type. Nothing shorter is a txn entry. */
export const TXN_HEADER_BYTES = 32;
/** Where the zxid stands in a txn entry. */
export const TXN_ZXID_OFFSET = 12;

/**
 * No more than this and one entry are ever on their way to the disk together. It bounds what a crash can tear:
 * a longer stretch behind an unreadable entry is damage.
 */
export const BATCH_BYTES_MAX = 4 << 20;

export function logHeader(): Uint8Array {
  const header = new Uint8Array(LOG_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setInt32(0, LOG_MAGIC);
  view.setInt32(4, LOG_VERSION);
  return header;
}

/**
 * The tail mark: our own addition, invisible to Apache, behind the last entry of every batch.
 * ```
 * mark = 12 zero bytes ‖ i32 magic "ZKTM" ‖ i64 start ‖ i64 end ‖ i32 Adler-32 of the 20 bytes before
 * ```
 * A reader of the format sees an entry of length 0, the end of the file; the next batch overwrites the mark.
 * It says that the last batch lies in `[start, end)` of the file, `end` being where the mark itself begins.
 * A batch is written only after the one before has been flushed, so whatever is unreadable before `start` was
 * durable once and has been damaged since, while in the last batch a crash may have left holes. Without it
 * the two cannot be told apart when several entries go to disk in one write, whose sectors land in any order.
 */
export const TAIL_MARK_BYTES = 36;
const TAIL_MAGIC = 0x5a4b544d;
const TAIL_BODY_OFFSET = 12;
const TAIL_CHECKSUM_OFFSET = 32;

export interface TailMark {
  readonly start: number;
  readonly end: number;
}

/** Writes the mark into `[at, at + TAIL_MARK_BYTES)` of the memory that `view` covers. */
export function writeTailMark(view: DataView, at: number, mark: TailMark): void {
  view.setBigInt64(at, 0n);
  view.setInt32(at + 8, 0);
  view.setInt32(at + 12, TAIL_MAGIC);
  view.setBigInt64(at + 16, BigInt(mark.start));
  view.setBigInt64(at + 24, BigInt(mark.end));
  const checksum = adler32(view, at + TAIL_BODY_OFFSET, at + TAIL_CHECKSUM_OFFSET);
  view.setUint32(at + TAIL_CHECKSUM_OFFSET, checksum);
}

/**
 * The mark at `at`, or null if there is none that is sound. `fileOffset` is where in the file this byte
 * stands: a mark that speaks of another place is a copy that came here by accident.
 */
export function readTailMark(view: DataView, at: number, fileOffset: number): TailMark | null {
  if (at + TAIL_MARK_BYTES > view.byteLength) return null;
  if (view.getInt32(at + 12) !== TAIL_MAGIC) return null;
  if (view.getInt32(at) !== 0 || view.getInt32(at + 4) !== 0 || view.getInt32(at + 8) !== 0) return null;
  const checksum = adler32(view, at + TAIL_BODY_OFFSET, at + TAIL_CHECKSUM_OFFSET);
  if (view.getUint32(at + TAIL_CHECKSUM_OFFSET) !== checksum) return null;
  const start = Number(view.getBigInt64(at + 16));
  const end = Number(view.getBigInt64(at + 24));
  return end === fileOffset && start < end ? { start, end } : null;
}
