import { assert, unreachable } from '../base/assert.ts';
import type { Zxid } from '../base/zxid.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { adler32 } from './adler32.ts';
import type { Disk } from './disk.ts';
import { LogAllocator, writeToLog, type OpenLog } from './log-allocator.ts';
import {
  BATCH_BYTES_MAX,
  ENTRY_END,
  ENTRY_PREFIX_BYTES,
  TAIL_MARK_BYTES,
  writeTailMark,
} from './log-format.ts';
import type { StorageError } from './storage-error.ts';

/** What a batch buffer starts with, and is cut back to after an unusual batch. */
const BATCH_BYTES = 256 << 10;
const BATCH_BYTES_KEPT = 8 << 20;
const NO_ENTRY = -1;

export interface GroupCommitOptions {
  readonly disk: Disk;
  /** The `version-2` directory of the logs. It exists, and recovery has been through it. */
  readonly directory: string;
  /** What recovery found durable. The first entry is above it. */
  readonly lastDurable: Zxid;
  /**
   * The longest txn entry that is taken, in bytes. Not above what any server of the ensemble accepts when it
   * reads its log (`jute.maxbuffer` + `jute.maxbuffer.extrasize`), or that server could not start again.
   */
  readonly txnSizeMax: number;
  /** How large a log file is made ahead of its use (`preAllocSize`), in bytes; 0 for not at all. */
  readonly preallocateBytes: number;
  /** False with `forceSync=no`: entries count as durable once the operating system has them. */
  readonly forceSync: boolean;
  /** Every entry up to and including this zxid is on the disk. */
  readonly onDurable: (upTo: Zxid) => void;
  /** A batch of so many entries is on the disk. */
  readonly onBatch?: ((entryCount: number) => void) | undefined;
  /**
   * The log is lost to this process; called once. What has not been reported durable never will be, whatever
   * reached the disk. The caller must stop acknowledging, and exit.
   */
  readonly onFailure: (error: StorageError) => void;
}

/**
 * Makes transactions durable, many to a flush.
 *
 * While one write and its flush run, new transactions gather in another buffer, each encoded once and in
 * place; when the flush returns they go to disk together. The batch therefore grows with the load and
 * with the slowness of the disk, and under a light load it is one transaction and adds no delay. There is no
 * timer and no batch size to tune.
 *
 * The first error poisons it for ever. A failed flush says nothing about what is on the disk, and the kernel
 * may have marked the lost pages clean, so that a second flush would succeed and prove nothing. There is none.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #allocator: LogAllocator;

  #gathering = new Batch();
  #writing = new Batch();
  /** Written before the one in `#writing`; it gathers next. */
  #resting = new Batch();
  #isWriting = false;

  /** Where the entry begun stands in the gathering buffer. */
  #entryAt = NO_ENTRY;
  #entryZxid: Zxid;
  /** Where the txn entry taken last begins and ends. */
  #lastEntryStart = 0;
  #lastEntryEnd = 0;
  #lastAccepted: Zxid;
  #lastDurable: Zxid;
  #wantsNewFile = true;
  #bytesSinceRoll = 0;

  #log: OpenLog | null = null;
  #failure: StorageError | null = null;
  #whenStopped: (() => void) | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#lastDurable = options.lastDurable;
    this.#lastAccepted = options.lastDurable;
    this.#entryZxid = options.lastDurable;
    this.#allocator = new LogAllocator({
      disk: options.disk,
      directory: options.directory,
      sizeBytes: options.preallocateBytes,
      areWritesDurable: options.forceSync,
    });
    this.#allocator.start();
  }

  /** Everything up to here survives a crash. */
  get lastDurable(): Zxid {
    return this.#lastDurable;
  }

  /** The highest zxid taken by `end`, durable or not. */
  get lastAccepted(): Zxid {
    return this.#lastAccepted;
  }

  /** Entries taken and not durable yet. */
  get waiting(): number {
    return this.#gathering.entryCount + (this.#isWriting ? this.#writing.entryCount : 0);
  }

  /** Bytes of them. */
  get waitingBytes(): number {
    return this.#gathering.writer.length + (this.#isWriting ? this.#writing.writer.length : 0);
  }

  /** Bytes of entries taken since the current log file was begun. */
  get bytesSinceRoll(): number {
    return this.#bytesSinceRoll;
  }

  /** Why nothing more becomes durable, or null. */
  get failure(): StorageError | null {
    return this.#failure;
  }

  /**
   * Begins an entry. The caller writes TxnHeader ‖ record ‖ [TxnDigest] into the writer it gets, and nothing
   * else, and then calls `end` or `abandon`, all in one turn of the event loop.
   */
  begin(zxid: Zxid): JuteWriter {
    assert(this.#entryAt === NO_ENTRY, 'an entry is begun already');
    assert(zxid > this.#lastAccepted, 'zxids in the log must increase');
    const { writer } = this.#gathering;
    this.#entryAt = writer.reserve(ENTRY_PREFIX_BYTES);
    this.#entryZxid = zxid;
    return writer;
  }

  /**
   * Closes the entry begun and takes it. False if it is longer than a log reader accepts: then it is forgotten,
   * the zxid is free again, and the request must be refused.
   */
  end(): boolean {
    const batch = this.#gathering;
    const { writer } = batch;
    assert(this.#entryAt !== NO_ENTRY, 'no entry is begun');
    const at = this.#entryAt;
    const from = at + ENTRY_PREFIX_BYTES;
    const to = writer.length;
    assert(to > from, 'a txn entry cannot be empty');
    if (to - from > this.#options.txnSizeMax) {
      this.abandon();
      return false;
    }

    writer.patchInt(at + 8, to - from);
    writer.patchUnsignedLong(at, adler32(writer.view, from, to));
    writer.byte(ENTRY_END);
    batch.add(at, this.#entryZxid, this.#wantsNewFile);
    if (this.#wantsNewFile) this.#bytesSinceRoll = 0;
    this.#bytesSinceRoll += writer.length - at;
    this.#wantsNewFile = false;
    this.#lastAccepted = this.#entryZxid;
    this.#entryAt = NO_ENTRY;
    this.#lastEntryStart = from;
    this.#lastEntryEnd = to;
    return true;
  }

  /**
   * A view of the txn entry that `end` took last, for a PROPOSAL: to be asked for before another entry is begun and
   * before `flush`. It is good until the `onDurable` that reports the entry has returned.
   */
  lastEntry(): Uint8Array {
    return this.#gathering.writer.memory.subarray(this.#lastEntryStart, this.#lastEntryEnd);
  }

  /** Forgets the entry begun. */
  abandon(): void {
    assert(this.#entryAt !== NO_ENTRY, 'no entry is begun');
    this.#gathering.writer.truncate(this.#entryAt);
    this.#entryAt = NO_ENTRY;
  }

  /** The next entry begins a new log file. Between entries only. */
  roll(): void {
    assert(this.#entryAt === NO_ENTRY, 'cannot roll inside an entry');
    this.#wantsNewFile = true;
    this.#gathering.closePart();
  }

  /** Starts writing what has gathered unless a write is running already: to be called once a turn. */
  flush(): void {
    assert(this.#entryAt === NO_ENTRY, 'an entry is begun and not ended');
    if (this.#isWriting || this.#failure !== null || this.#gathering.entryCount === 0) return;
    this.#isWriting = true;
    const batch = this.#gathering;
    this.#gathering = this.#resting;
    this.#gathering.clear();
    this.#resting = this.#writing;
    this.#writing = batch;
    batch.closePart();
    this.#writePart(0);
  }

  /** Flushes what has gathered, then closes the file and removes what was prepared. No entry follows. */
  stop(done: () => void): void {
    assert(this.#whenStopped === null, 'stopped twice');
    this.#whenStopped = done;
    this.flush();
    if (!this.#isWriting || this.#failure !== null) this.#close();
  }

  #writePart(index: number): void {
    const part = this.#writing.parts[index] ?? unreachable('a batch has no such part');
    if (part.opensFile) this.#openFile(part.firstZxid, () => this.#writeEntries(part, index));
    else this.#writeEntries(part, index);
  }

  /**
   * The entries of one file: written and durable in one call, reported. The mark behind them is overwritten by
   * the next. One call and not a write and a flush, because between the two the disk would wait for this
   * thread, which is busy with the next requests.
   */
  #writeEntries(part: Part, index: number): void {
    const log = this.#log ?? unreachable('entries without a log file');
    const start = log.position;
    const end = start + (part.end - part.start);
    writeTailMark(this.#writing.writer.view, part.end, { start, end });
    const bytes = this.#writing.writer.memory.subarray(part.start, part.end + TAIL_MARK_BYTES);

    writeToLog(log, { bytes, growth: this.#allocator.growth }, (error) => {
      if (this.#stopsFor(error)) return;
      log.position = end;
      this.#finishPart(part, index);
    });
  }

  /** The disk gets its next work before the caller hears of the last, so that the two overlap. */
  #finishPart(part: Part, index: number): void {
    this.#lastDurable = part.lastZxid;
    if (index + 1 < this.#writing.parts.length) {
      this.#writePart(index + 1);
    } else {
      this.#isWriting = false;
      this.#options.onBatch?.(this.#writing.entryCount);
      this.#allocator.advance(this.#log?.position ?? 0, part.end - part.start);
      this.flush();
    }
    this.#options.onDurable(part.lastZxid);
    if (!this.#isWriting && this.#whenStopped !== null) this.#close();
  }

  #openFile(firstZxid: Zxid, then: () => void): void {
    const old = this.#log;
    this.#allocator.take(firstZxid, (error, log) => {
      if (this.#stopsFor(error)) return;
      this.#log = log ?? unreachable('no log and no error');
      // All of the old file has been flushed; an error on closing it can take nothing back.
      old?.file.close(() => undefined);
      then();
    });
  }

  #stopsFor(error: StorageError | null): boolean {
    if (this.#failure !== null) return true;
    if (error === null) return false;
    this.#failure = error;
    this.#options.onFailure(this.#failure);
    if (this.#whenStopped !== null) this.#close();
    return true;
  }

  #close(): void {
    const done = this.#whenStopped;
    if (done === null) return;
    this.#whenStopped = null;
    const log = this.#log;
    this.#log = null;
    this.#allocator.stop(() => {
      if (log === null) done();
      else log.file.close(() => done());
    });
  }
}

/** Entries that lie one behind the other in one file and are flushed together. Offsets are into the batch's buffer. */
interface Part {
  readonly start: number;
  /** Behind the last entry; the room for the tail mark follows. */
  end: number;
  readonly firstZxid: Zxid;
  lastZxid: Zxid;
  readonly opensFile: boolean;
}

class Batch {
  writer = new JuteWriter(BATCH_BYTES);
  readonly parts: Part[] = [];
  entryCount = 0;
  #isPartClosed = true;

  /** Takes the entry that starts at `start` and ends where the writer stands. */
  add(start: number, zxid: Zxid, opensFile: boolean): void {
    const end = this.writer.length;
    this.entryCount++;
    const part = this.parts.at(-1);
    if (part === undefined || this.#isPartClosed) {
      this.parts.push({ start, end, firstZxid: zxid, lastZxid: zxid, opensFile });
      this.#isPartClosed = false;
      return;
    }
    part.end = end;
    part.lastZxid = zxid;
    if (end - part.start >= BATCH_BYTES_MAX) this.closePart();
  }

  /** Leaves the room for the tail mark; what comes next is written and flushed after this part. */
  closePart(): void {
    if (this.#isPartClosed) return;
    this.writer.reserve(TAIL_MARK_BYTES);
    this.#isPartClosed = true;
  }

  clear(): void {
    if (this.writer.capacity > BATCH_BYTES_KEPT) this.writer = new JuteWriter(BATCH_BYTES);
    else this.writer.clear();
    this.parts.length = 0;
    this.entryCount = 0;
    this.#isPartClosed = true;
  }
}
