import { counterOf, epochOf, formatZxid, type Zxid } from '../base/zxid.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import type { TxnDigest } from '../wire/txns/txn-digest.ts';
import { readTxnEntry } from '../wire/txns/txn-entry.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { Txn } from '../wire/txns/txn.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DiskFile } from './disk.ts';
import { type DiskScript, readFile, withFile } from './disk-script.ts';
import type { NamedFile } from './file-names.ts';
import { LOG_HEADER_BYTES, logHeader, TAIL_MARK_BYTES } from './log-format.ts';
import { readRest } from './log-rest.ts';
import { LogScanner, scanEntries } from './log-scanner.ts';
import { judgeTail, tornBytesMax } from './log-tail.ts';
import { corruptLog, StorageError } from './storage-error.ts';

/** Gets the transactions in order. Byte arrays in them are good only during the call. */
export interface TxnSink {
  /** `entry`: the same as bytes. */
  applyTxn(header: TxnHeader, txn: Txn, digest: TxnDigest | null, entry: Uint8Array): void;
}

/** A log that must be shortened to `length` before anything is written after it; 0 removes it. */
export interface TornLog {
  readonly path: string;
  readonly length: number;
  readonly bytesLost: number;
}

/**
 * Replays logs above a snapshot, one file after the other in zxid order, and refuses whatever a crash cannot
 * explain. It only reads; what it found torn is the caller's to cut, once the rest has proved good.
 */
export class LogReplay {
  readonly #sink: TxnSink;
  readonly #snapshotZxid: Zxid;
  readonly #txnSizeMax: number;
  readonly #acceptsEntries: boolean;
  readonly #reader = new JuteReader();
  /** The last entry read, in the snapshot or above it; null before the first. */
  #previous: Zxid | null = null;
  #path = '';
  #name = '';

  lastZxid: Zxid;
  txnCount = 0;
  entryCount = 0;
  readonly torn: TornLog[] = [];
  /** The landmarks that have not come. */
  readonly missed: Set<Zxid>;
  /** The last log with an entry in it, and where the last entry ends. */
  lastLog: { readonly path: string; readonly end: number } | null = null;
  /** The file that may only end like one that was written to its end, and what is wrong with it. */
  #unfinished: { readonly file: NamedFile; readonly offset: number; readonly why: string } | null = null;

  constructor(options: {
    readonly sink: TxnSink;
    readonly snapshotZxid: Zxid;
    readonly txnSizeMax: number;
    /** False where there is no snapshot to apply them to: then a log with any entry is refused. */
    readonly acceptsEntries: boolean;
    /** Txns that have to be among the entries; see `missed`. */
    readonly landmarks: readonly Zxid[];
  }) {
    this.#sink = options.sink;
    this.#snapshotZxid = options.snapshotZxid;
    this.#txnSizeMax = options.txnSizeMax;
    this.#acceptsEntries = options.acceptsEntries;
    this.lastZxid = options.snapshotZxid;
    this.missed = new Set(options.landmarks);
  }

  *replay(log: NamedFile): DiskScript<void> {
    this.#path = log.path;
    this.#name = log.name;
    yield* withFile(log.path, 'read', (file) => this.#replayFile(log, file));
  }

  *#replayFile(log: NamedFile, file: DiskFile): DiskScript<void> {
    const hasHeader = yield* this.#readHeader(file);
    const scanner = new LogScanner(file, this.#txnSizeMax);
    const countBefore = this.entryCount;
    if (hasHeader) yield* scanEntries(scanner, this.#visit);
    const offset = scanner.entryOffset;

    const rest = yield* readRest(file, { offset, limit: tornBytesMax(this.#txnSizeMax) });
    const verdict = judgeTail(rest, offset, this.#txnSizeMax);
    const isEmpty = this.entryCount === countBefore;
    if (!isEmpty) this.lastLog = { path: log.path, end: offset };
    if (rest.length > 0) this.#refuseUnfinished();
    if (verdict.type === 'damaged') {
      throw corruptLog(
        file.path,
        offset,
        `no transaction can be read there (${scanner.stop}), yet ${verdict.why}`,
      );
    }
    if (verdict.type === 'clean' && hasHeader) {
      // Its header may be in the page cache only, after a flush that failed. One day it would be an incomplete one.
      if (isEmpty) this.torn.push({ path: log.path, length: 0, bytesLost: 0 });
      return;
    }
    this.#unfinished = { file: log, offset, why: hasHeader ? scanner.stop : 'incomplete header' };
    this.torn.push({
      path: log.path,
      length: isEmpty ? 0 : offset,
      bytesLost: Math.max(0, rest.length - TAIL_MARK_BYTES),
    });
  }

  /** A later log was begun only after this one had been flushed to its end. */
  #refuseUnfinished(): void {
    if (this.#unfinished === null) return;
    const { file, offset, why } = this.#unfinished;
    throw corruptLog(
      file.path,
      offset,
      `no transaction can be read there (${why}), yet ${this.#name} follows it`,
    );
  }

  /** False if the header never came to the disk; then no entry was ever acknowledged either. */
  *#readHeader(file: DiskFile): DiskScript<boolean> {
    const expected = logHeader();
    const header = new Uint8Array(LOG_HEADER_BYTES);
    const length = yield* readFile(file, header, 0);
    const firstWrong = header.findIndex((byte, i) => byte !== expected[i]);
    // The file's id, in the second half, is not for anybody to check.
    if (length === LOG_HEADER_BYTES && (firstWrong === -1 || firstWrong >= 8)) return true;
    // Written in more than one call, of which any may have come to the disk.
    if (header.every((byte, i) => byte === 0 || byte === expected[i])) return false;
    throw corruptLog(file.path, 0, 'it does not begin as a transaction log of version 2');
  }

  readonly #visit = (scanner: LogScanner): void => {
    const { zxid } = scanner;
    this.entryCount++;
    this.#refuseUnfinished();
    if (!this.#acceptsEntries) throw noSnapshot(this.#path);
    this.#checkOrder(zxid, scanner.entryOffset);
    this.#previous = zxid;
    if (this.missed.size > 0) this.missed.delete(zxid);
    if (zxid <= this.#snapshotZxid) return;
    this.#reader.reset(scanner.bytes, scanner.view, scanner.start, scanner.end);
    let entry;
    try {
      entry = readTxnEntry(this.#reader);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const { message } = corruptLog(
        this.#path,
        scanner.entryOffset,
        `its checksum is right, but it is not a transaction this server knows (${error.message})`,
      );
      throw new StorageError('corrupt', this.#path, message, { cause: error });
    }
    const bytes = scanner.bytes.subarray(scanner.start, scanner.end);
    this.#sink.applyTxn(entry.header, entry.txn, entry.digest, bytes);
    this.lastZxid = zxid;
    this.txnCount++;
  };

  /** Within an epoch the zxids leave no gap, neither in the logs nor between the snapshot and the logs. */
  #checkOrder(zxid: Zxid, offset: number): void {
    const previous = this.#previous;
    if (previous !== null && zxid <= previous) {
      throw corruptLog(this.#path, offset, `${formatZxid(zxid)} comes after ${formatZxid(previous)}`);
    }
    const before = previous ?? (zxid > this.#snapshotZxid ? this.#snapshotZxid : null);
    if (before === null || epochOf(before) !== epochOf(zxid)) return;
    if (counterOf(zxid) === counterOf(before) + 1) return;
    throw corruptLog(
      this.#path,
      offset,
      `${formatZxid(zxid)} follows ${formatZxid(before)}; the transactions between them are missing`,
    );
  }
}

function noSnapshot(path: string): StorageError {
  return new StorageError(
    'no-snapshot',
    path,
    `${path} holds transactions, but there is no snapshot below them, so what they apply to is unknown. ` +
      `Restore the snapshots, or set snapshot.trust.empty=true once if this directory never had any.`,
  );
}
