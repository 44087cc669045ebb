import type { Zxid } from '../base/zxid.ts';
import { type Completion, type Disk, type DiskFile, type OpenMode } from './disk.ts';
import { runScript, type DiskScript, ignoringErrors, openFile, renameFile } from './disk-script.ts';
import { closeFile, syncDirectory, syncFile, unlinkFile, writeFile } from './disk-script.ts';
import { joinPath, logName, TEMPORARY_PREFIX } from './file-names.ts';
import { LOG_HEADER_BYTES, logHeader } from './log-format.ts';
import { StorageError } from './storage-error.ts';

/** How much a file gets at a time: a step takes about a millisecond, and nobody waits for more than one. */
const STEP_BYTES = 1 << 20;
/** The first step, which the first write of a fresh server may have to wait for. */
const FIRST_STEP_BYTES = 1 << 16;
/** How far a spare is ahead of twice the log's own position while the log is in use. */
const LEAD_BYTES = 8 << 20;

/**
 * Batches up to this size gain from overwriting: the flush is most of their cost. Larger ones are bound by the
 * disk's bandwidth, and filling ahead of them would only take half of it away.
 */
const SMALL_BATCH_BYTES = 32 << 10;

/**
 * A log that has used up its file is extended by a step of zeros only while batches are this small: then the
 * step is repaid by the hundreds of flushes that fit into it.
 */
const GROWTH_BATCH_BYTES = 4 << 10;

/** Of a write that the disk takes only parts of. */
const TRIES_MAX = 32;

/** A log file that has its name and its header, ready for entries. */
export interface OpenLog {
  readonly file: DiskFile;
  /** Where the next entry goes. */
  position: number;
  /** Up to here the file has been filled with zeros, and writing changes no metadata. */
  filledTo: number;
}

/** A file that will be a log. */
interface Spare {
  readonly file: DiskFile;
  filledTo: number;
}

/**
 * Makes log files before they are needed.
 *
 * A file is filled with real zeros, not extended: an fdatasync after overwriting allocated blocks has data to
 * write and no metadata, which makes it about twice as fast as one after growing the file. The filling goes on
 * in the background, a step at a time, in a file whose name is not a log's. When a log is needed before its
 * file is full, it gets what there is, and whoever writes extends it in steps.
 */
export class LogAllocator {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #sizeBytes: number;
  readonly #zeros: Uint8Array;
  readonly #openMode: OpenMode;

  #spare: Spare | null = null;
  #sparePath = '';
  #count = 0;
  /** A step is running, and this is what follows it. */
  #busy = false;
  #whenIdle: (() => void) | null = null;
  #goalBytes: number;
  #isPaused = false;
  /** Preparing ahead failed, most likely for lack of space. Only a real need tries again. */
  #gaveUp = false;
  #stopped = false;

  /**
   * `sizeBytes`: how large a log file is made ahead of its use; 0 for not at all. `areWritesDurable`: whether a
   * write to a log completes only when it is durable.
   */
  constructor(options: {
    readonly disk: Disk;
    readonly directory: string;
    readonly sizeBytes: number;
    readonly areWritesDurable: boolean;
  }) {
    this.#disk = options.disk;
    this.#directory = options.directory;
    this.#sizeBytes = options.sizeBytes;
    this.#openMode = options.areWritesDurable ? 'durable' : 'write';
    this.#zeros = new Uint8Array(Math.min(options.sizeBytes, STEP_BYTES));
    // The first file is wanted whole: while nobody writes, filling it costs nobody anything.
    this.#goalBytes = options.sizeBytes;
  }

  /** What a writer appends to a log that has used up what was filled. */
  get growth(): Uint8Array {
    return this.#zeros;
  }

  /** Starts the preparation of the first file. */
  start(): void {
    this.#prepare();
  }

  /**
   * The log in use has come to this position with a batch of this size: the spare follows, so that it is ready
   * when the log is full and no sooner, and the disk's time in between is the log's.
   */
  advance(position: number, batchBytes: number): void {
    this.#goalBytes = Math.max(this.#goalBytes, Math.min(this.#sizeBytes, 2 * position + LEAD_BYTES));
    this.#isPaused = batchBytes > SMALL_BATCH_BYTES;
    if (!this.#busy) this.#prepare();
  }

  /**
   * Turns the spare into `log.<firstZxid>`. The file's name is durable when `done` is called; its header is so
   * with the first entry.
   */
  take(firstZxid: Zxid, done: Completion<OpenLog>): void {
    if (this.#busy) {
      this.#whenIdle = () => this.take(firstZxid, done);
      return;
    }
    this.#busy = true;
    runScript(this.#disk, this.#name(firstZxid), (error, log) => {
      this.#busy = false;
      this.#goalBytes = Math.min(this.#sizeBytes, LEAD_BYTES);
      this.#gaveUp = false;
      done(error, log);
      this.#idle();
    });
  }

  /** Waits for the step under way and removes the spare. */
  stop(done: () => void): void {
    this.#stopped = true;
    if (this.#busy) {
      this.#whenIdle = () => this.stop(done);
      return;
    }
    runScript(this.#disk, this.#discard(), () => done());
  }

  /**
   * The ordered steps of `take`: a rename that is durable before anything in the file is acknowledged, and a
   * handle whose writes are durable in place of the one that filled the file.
   */
  *#name(firstZxid: Zxid): DiskScript<OpenLog> {
    const { file: filled, filledTo } = this.#spare ?? (yield* this.#create());
    const path = joinPath(this.#directory, logName(firstZxid));
    this.#spare = null;
    yield* renameFile(this.#sparePath, path);
    yield* syncDirectory(this.#directory);
    const file = yield* openFile(path, this.#openMode);
    yield* ignoringErrors(closeFile(filled));
    return { file, position: LOG_HEADER_BYTES, filledTo };
  }

  *#create(): DiskScript<Spare> {
    this.#sparePath = joinPath(this.#directory, `${TEMPORARY_PREFIX}log.${++this.#count}`);
    const file = yield* openFile(this.#sparePath, 'create');
    const spare: Spare = { file, filledTo: 0 };
    this.#spare = spare;
    const zeros = this.#zeros.subarray(0, FIRST_STEP_BYTES);
    yield* writeFile(file, [logHeader(), zeros], 0);
    spare.filledTo = LOG_HEADER_BYTES + zeros.length;
    return spare;
  }

  *#step(): DiskScript<void> {
    if (this.#spare === null) {
      yield* this.#create();
      return;
    }
    const { file, filledTo } = this.#spare;
    const zeros = this.#zeros.subarray(0, this.#sizeBytes - filledTo);
    yield* writeFile(file, [zeros], filledTo);
    // Flushed step by step, so that no flush of the log ever finds a whole file's worth before it.
    yield* syncFile(file);
    this.#spare.filledTo = filledTo + zeros.length;
  }

  *#discard(): DiskScript<void> {
    const spare = this.#spare;
    if (spare === null) return;
    this.#spare = null;
    yield* ignoringErrors(closeFile(spare.file));
    yield* ignoringErrors(unlinkFile(this.#sparePath));
  }

  #prepare(): void {
    if (this.#stopped || this.#isPaused || this.#gaveUp || this.#sizeBytes === 0) return;
    if (this.#spare !== null && this.#spare.filledTo >= this.#goalBytes) return;
    this.#busy = true;
    runScript(this.#disk, this.#step(), (error) => {
      if (error === null) {
        this.#busy = false;
        this.#idle();
        return;
      }
      this.#gaveUp = true;
      runScript(this.#disk, this.#discard(), () => {
        this.#busy = false;
        this.#idle();
      });
    });
  }

  #idle(): void {
    const next = this.#whenIdle;
    this.#whenIdle = null;
    if (next !== null) next();
    else this.#prepare();
  }
}

/**
 * Writes at the log's position, and extends a file that is used up by a step of zeros in the same write. The
 * first write of a file repeats the header, so that none of its entries is durable without one.
 *
 * All of it goes to the disk in one write, or is taken back. A write that the disk took a part of ends inside a sector,
 * and what a power cut during the rest of it left there would look like damage: half of a sector written and half of it
 * not. So the part is cut off, durably, before the whole is written once more.
 */
export function writeToLog(
  log: OpenLog,
  options: { readonly bytes: Uint8Array; readonly growth: Uint8Array },
  done: Completion<void>,
): void {
  const { bytes, growth } = options;
  const end = log.position + bytes.length;
  const isFirst = log.position === LOG_HEADER_BYTES;
  const needed = isFirst ? [logHeader(), bytes] : [bytes];
  const whole = { needed, offset: isFirst ? 0 : log.position, triesLeft: TRIES_MAX };
  if (end > log.filledTo && bytes.length <= GROWTH_BATCH_BYTES && growth.length > 0) {
    log.filledTo = end + growth.length;
    writeWhole(log, { ...whole, buffers: [...needed, growth] }, done);
  } else {
    writeWhole(log, { ...whole, buffers: needed }, done);
  }
}

interface WholeWrite {
  readonly buffers: readonly Uint8Array[];
  /** Those that are written once more if the disk did not take all: it may have had no room for the zeros behind them. */
  readonly needed: readonly Uint8Array[];
  readonly offset: number;
  readonly triesLeft: number;
}

function writeWhole(log: OpenLog, whole: WholeWrite, done: Completion<void>): void {
  const { file } = log;
  const { buffers, needed, offset, triesLeft } = whole;
  const length = lengthOf(buffers);
  file.write(buffers, offset, (error, written = 0) => {
    if (error !== null || written >= length) {
      done(error);
    } else if (triesLeft === 1) {
      const what = `${file.path}: of ${length} bytes the disk took ${written}, and no more in ${TRIES_MAX} tries`;
      done(new StorageError('io', file.path, what));
    } else {
      takeBack(file, offset, (error) => {
        if (error !== null) {
          done(error);
          return;
        }
        // What was filled ahead is gone with it.
        log.filledTo = offset + lengthOf(needed);
        writeWhole(log, { ...whole, buffers: needed, triesLeft: triesLeft - 1 }, done);
      });
    }
  });
}

function lengthOf(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

/** Durably: a power cut finds nothing behind `length`. */
function takeBack(file: DiskFile, length: number, done: Completion<void>): void {
  file.truncate(length, (error) => {
    if (error !== null) done(error);
    else file.flush(done);
  });
}
