import { EPOCH_MAX, type Zxid } from '../base/zxid.ts';
import { adler32 } from './adler32.ts';
import type { DiskFile } from './disk.ts';
import type { DiskScript } from './disk-script.ts';
import { FileWindow } from './file-window.ts';
import { ENTRY_END, ENTRY_OVERHEAD_BYTES, ENTRY_PREFIX_BYTES, LOG_HEADER_BYTES } from './log-format.ts';
import { TXN_HEADER_BYTES, TXN_ZXID_OFFSET } from './log-format.ts';
import { StorageError } from './storage-error.ts';

const WINDOW_BYTES = 1 << 20;
const TWO_32 = 2 ** 32;

/** Why there is no entry where one could be; `padding` and `end-of-file` are how a log ends. */
export type LogStop =
  'padding' | 'end-of-file' | 'cut-short' | 'bad-length' | 'bad-checksum' | 'no-end-marker';

/** An entry that has been read and whose checksum is right, or what is there instead. */
type Found = 'entry' | 'more' | 'stop';

/**
 * Reads a log's entries one by one, in windows of a megabyte.
 *
 * `next` looks at what is in memory and answers `more` when it needs the disk; the loop around it is
 * `scanEntries`.
 */
export class LogScanner {
  readonly #window: FileWindow;
  readonly #txnSizeMax: number;
  #needed = 0;
  #isAtEnd = false;

  stop: LogStop = 'end-of-file';
  /** Of the entry found: its txn entry lies in `[start, end)` of `bytes`. */
  start = 0;
  end = 0;
  zxid = 0 as Zxid;

  /** Begins at `offset`, where an entry must begin. */
  constructor(file: DiskFile, txnSizeMax: number, offset = LOG_HEADER_BYTES) {
    this.#window = new FileWindow(file, WINDOW_BYTES, offset);
    this.#txnSizeMax = txnSizeMax;
    this.entryOffset = offset;
  }

  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  get view(): DataView {
    return this.#window.view;
  }

  /** Where the entry found begins in the file; after a stop, where there is none. */
  entryOffset: number;

  next(): Found {
    const { view, position } = this.#window;
    this.entryOffset = this.#window.offset;
    if (this.#window.available < ENTRY_PREFIX_BYTES) return this.#wants(ENTRY_PREFIX_BYTES);
    const length = view.getInt32(position + 8);
    if (length === 0) return this.#stops('padding');
    if (length < TXN_HEADER_BYTES || length > this.#txnSizeMax) return this.#stops('bad-length');
    const total = length + ENTRY_OVERHEAD_BYTES;
    if (this.#window.available < total) return this.#wants(total);

    const end = position + ENTRY_PREFIX_BYTES + length;
    if (view.getUint8(end) !== ENTRY_END) return this.#stops('no-end-marker');
    if (!isChecksumRight(view, position, end)) return this.#stops('bad-checksum');
    this.start = position + ENTRY_PREFIX_BYTES;
    this.end = end;
    this.zxid = zxidOf(view, this.start, this.#window.path);
    this.#window.position = end + 1;
    return 'entry';
  }

  /** After `more`. */
  *fill(): DiskScript<void> {
    this.#isAtEnd = !(yield* this.#window.fill(this.#needed));
  }

  #wants(needed: number): Found {
    if (this.#isAtEnd) return this.#stops(this.#window.available === 0 ? 'end-of-file' : 'cut-short');
    this.#needed = needed;
    return 'more';
  }

  #stops(why: LogStop): Found {
    this.stop = why;
    return 'stop';
  }
}

/** Calls `visit` for each entry, synchronously, and returns when there is no more. */
export function* scanEntries(scanner: LogScanner, visit: (scanner: LogScanner) => void): DiskScript<void> {
  for (;;) {
    const found = scanner.next();
    if (found === 'entry') visit(scanner);
    else if (found === 'more') yield* scanner.fill();
    else return;
  }
}

/** Whether the eight bytes at `at` are the checksum of the txn entry behind its prefix, which ends at `end`. */
export function isChecksumRight(view: DataView, at: number, end: number): boolean {
  return view.getInt32(at) === 0 && view.getUint32(at + 4) === adler32(view, at + ENTRY_PREFIX_BYTES, end);
}

/** Reads the zxid of a txn entry, or refuses one that this server could not represent. */
function zxidOf(view: DataView, at: number, path: string): Zxid {
  const epoch = view.getInt32(at + TXN_ZXID_OFFSET);
  if (epoch < 0 || epoch > EPOCH_MAX) {
    throw new StorageError(
      'unsupported',
      path,
      `${path} holds a transaction of epoch ${epoch >>> 0}; this server can go up to epoch ${EPOCH_MAX}`,
    );
  }
  return (epoch * TWO_32 + view.getUint32(at + TXN_ZXID_OFFSET + 4)) as Zxid;
}
