import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { SnapshotBodyReader, type SnapshotSink } from '../wire/snapshot/snapshot-body.ts';
import { WireError } from '../wire/wire-error.ts';
import { ADLER_START, adler32 } from './adler32.ts';
import type { DiskFile } from './disk.ts';
import { type DiskScript, readFile, sizeOf } from './disk-script.ts';
import { FileWindow } from './file-window.ts';
import { SEAL_BYTES, SNAPSHOT_END, SNAPSHOT_HEADER_BYTES, SNAPSHOT_MAGIC } from './snapshot-format.ts';
import { SNAPSHOT_VERSION } from './snapshot-format.ts';
import { corruptSnapshot, StorageError } from './storage-error.ts';

const WINDOW_BYTES = 1 << 20;
/** Far above any znode or ACL; a damaged length must not make us read a whole file into memory. */
const RECORD_BYTES_MAX = 64 << 20;

export type { SnapshotSink };

/** What stands behind the nodes, null where the file has none: it depends on the version that wrote it. */
export interface SnapshotEnd {
  readonly digest: {
    readonly zxid: Zxid;
    readonly version: number;
    /** Null if it is of a version that is not compared, or was not known: Apache writes 0 into a new directory's first. */
    readonly treeDigest: bigint | null;
  } | null;
  readonly lastProcessedZxid: Zxid | null;
}

/**
 * The quick test before loading: whether the file ends as a finished snapshot does. It tells apart what was
 * written to its end from what was not; only reading all of it finds other damage. An end that is wrong by a bit is
 * damage too, for no crash leaves that.
 */
export function* looksLikeSnapshot(file: DiskFile): DiskScript<boolean> {
  return (yield* wrongBitsAtEnd(file)) <= 1;
}

/** Infinitely many of a file that is too short. */
function* wrongBitsAtEnd(file: DiskFile): DiskScript<number> {
  const size = yield* sizeOf(file);
  if (size < SNAPSHOT_HEADER_BYTES + SEAL_BYTES) return Number.POSITIVE_INFINITY;
  const tail = new Uint8Array(SNAPSHOT_END.length);
  if ((yield* readFile(file, tail, size - tail.length)) !== tail.length) return Number.POSITIVE_INFINITY;
  let wrongBits = 0;
  for (const [i, byte] of SNAPSHOT_END.entries()) wrongBits += bitsIn(byte ^ (tail[i] as number));
  return wrongBits;
}

function bitsIn(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/**
 * Reads a whole snapshot into the sink and checks every seal.
 * @throws StorageError `corrupt` with the offset. The sink may have got part of the content by then.
 */
export function* readSnapshot(file: DiskFile, sink: SnapshotSink): DiskScript<SnapshotEnd> {
  const input = new SnapshotInput(file);
  const header = yield* input.record((reader) => [reader.int(), reader.int(), reader.long()]);
  if (header[0] !== SNAPSHOT_MAGIC || header[1] !== SNAPSHOT_VERSION) {
    throw corruptSnapshot(file.path, 0, 'it does not begin as a snapshot of version 2');
  }
  yield* input.body(sink);
  yield* input.seal();

  if (!(yield* input.hasMore())) return { digest: null, lastProcessedZxid: null };
  const digest = yield* input.record(readDigest);
  yield* input.seal();
  if (!(yield* input.hasMore())) return { digest, lastProcessedZxid: null };
  const lastProcessedZxid = yield* input.record((reader) => reader.zxid());
  yield* input.seal();
  return { digest, lastProcessedZxid };
}

function readDigest(reader: JuteReader): SnapshotEnd['digest'] {
  const zxid = reader.zxid();
  const version = reader.int();
  if (version < 2) {
    reader.string();
    return { zxid, version, treeDigest: null };
  }
  const treeDigest = BigInt.asUintN(64, reader.bigLong());
  return { zxid, version, treeDigest: zxid === ZXID_ZERO && treeDigest === 0n ? null : treeDigest };
}

/** Reads records off a file and keeps the checksum of what has been consumed. */
class SnapshotInput {
  readonly #path: string;
  readonly #window: FileWindow;
  readonly #reader = new JuteReader();
  #checksum = ADLER_START;
  /** Up to where the window's bytes are in the checksum. */
  #summed = 0;

  constructor(file: DiskFile) {
    this.#path = file.path;
    this.#window = new FileWindow(file, WINDOW_BYTES);
  }

  /** Reads one record with `read`, which may be called again if the window held only part of it. */
  *record<T>(read: (reader: JuteReader) => T): DiskScript<T> {
    const window = this.#window;
    for (;;) {
      this.#reader.reset(window.bytes, window.view, window.position, window.end);
      try {
        const result = read(this.#reader);
        window.position = this.#reader.offset;
        return result;
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        if (error.code !== 'truncated') throw this.#damage(error);
        yield* this.#bringMore();
      }
    }
  }

  *body(sink: SnapshotSink): DiskScript<void> {
    const window = this.#window;
    const body = new SnapshotBodyReader(sink);
    for (;;) {
      this.#reader.reset(window.bytes, window.view, window.position, window.end);
      let isDone = false;
      try {
        isDone = body.read(this.#reader);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        window.position = this.#reader.offset;
        throw this.#damage(error);
      }
      window.position = this.#reader.offset;
      if (isDone) return;
      yield* this.#bringMore();
    }
  }

  /** For when the window holds only part of a record. */
  *#bringMore(): DiskScript<void> {
    const { available } = this.#window;
    if (available > RECORD_BYTES_MAX) {
      throw corruptSnapshot(
        this.#path,
        this.#window.offset,
        `the record there has more than ${available} bytes`,
      );
    }
    if (!(yield* this.#fill(available + 1))) {
      throw corruptSnapshot(this.#path, this.#window.offset, 'the file ends in the record that begins there');
    }
  }

  *seal(): DiskScript<void> {
    const offset = this.#window.offset;
    this.#sum();
    const expected = this.#checksum;
    const sealed = yield* this.record((reader) => {
      const checksum = reader.bigLong();
      return reader.string() === '/' ? checksum : -1n;
    });
    if (sealed !== BigInt(expected)) {
      throw corruptSnapshot(
        this.#path,
        offset,
        `the seal there says checksum ${sealed}, the bytes before it give ${expected}`,
      );
    }
  }

  *hasMore(): DiskScript<boolean> {
    return this.#window.available > 0 || (yield* this.#fill(1));
  }

  *#fill(needed: number): DiskScript<boolean> {
    this.#sum();
    const hasEnough = yield* this.#window.fill(needed);
    this.#summed = this.#window.position;
    return hasEnough;
  }

  #sum(): void {
    const { view, position } = this.#window;
    this.#checksum = adler32(view, this.#summed, position, this.#checksum);
    this.#summed = position;
  }

  #damage(cause: WireError): StorageError {
    const { message } = corruptSnapshot(this.#path, this.#window.offset, cause.message);
    return new StorageError('corrupt', this.#path, message, { cause });
  }
}

/**
 * Reads all of a snapshot for its checksum alone: the last seal covers everything before it.
 * False if it is damaged.
 */
export function* isSnapshotIntact(file: DiskFile): DiskScript<boolean> {
  if ((yield* wrongBitsAtEnd(file)) > 0) return false;
  const sealAt = (yield* sizeOf(file)) - SEAL_BYTES;
  const window = new FileWindow(file, WINDOW_BYTES);
  let checksum = ADLER_START;
  let left = sealAt;
  while (left > 0) {
    if (!(yield* window.fill(Math.min(left, WINDOW_BYTES)))) return false;
    const end = Math.min(window.end, window.position + left);
    if (window.offset === 0 && window.view.getInt32(0) !== SNAPSHOT_MAGIC) return false;
    checksum = adler32(window.view, window.position, end, checksum);
    left -= end - window.position;
    window.position = end;
  }
  if (!(yield* window.fill(SEAL_BYTES))) return false;
  const at = window.position;
  return window.view.getInt32(at) === 0 && window.view.getUint32(at + 4) === checksum;
}
