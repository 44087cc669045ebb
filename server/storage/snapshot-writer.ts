import type { Zxid } from '../base/zxid.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { type SnapshotBodySource, writeNodesEnd } from '../wire/snapshot/snapshot-body.ts';
import { ADLER_START, adler32 } from './adler32.ts';
import type { DiskFile } from './disk.ts';
import { type DiskScript, flushFile, ignoringErrors, renameFile, syncDirectory } from './disk-script.ts';
import { syncFile, unlinkFile, withFile, writeFile } from './disk-script.ts';
import { joinPath, snapshotName, TEMPORARY_PREFIX } from './file-names.ts';
import { DIGEST_VERSION, SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from './snapshot-format.ts';

/** How much is asked of the tree at a time: well under a millisecond's work. */
const SLICE_BYTES = 64 << 10;
/** Flushed at every so many bytes, so that the last flush does not hold up the log's for long. */
const FLUSH_INTERVAL_BYTES = 4 << 20;

/** A snapshot to be written; replaying every txn above `zxid` sets right what changes meanwhile (protocol §3.5). */
export interface SnapshotSource extends SnapshotBodySource {
  /** Applied last when the snapshot was begun; names the file. */
  readonly zxid: Zxid;
  /** The tree's digest at `zxid`, as two unsigned halves. */
  readonly digest: { readonly high: number; readonly low: number };
}

export interface WrittenSnapshot {
  readonly path: string;
  readonly zxid: Zxid;
  readonly bytes: number;
}

/**
 * Writes `snapshot.<zxid>`: under a temporary name, in slices, flushed, renamed, the directory flushed. Each
 * slice is asked for only when the one before is with the operating system, so requests are served in between.
 *
 * Not two at a time in one directory. If it fails (most likely for lack of space) the temporary file is removed and the StorageError is the
 * script's; older snapshots are untouched, and the server can go on without this one. Null, and nothing is left of it, if
 * it is not wanted any more when the next slice is due.
 */
export function* writeSnapshot(options: {
  readonly directory: string;
  readonly source: SnapshotSource;
  readonly isWanted?: () => boolean;
}): DiskScript<WrittenSnapshot | null> {
  const { directory, source, isWanted = () => true } = options;
  const name = snapshotName(source.zxid);
  const temporaryPath = joinPath(directory, TEMPORARY_PREFIX + name);
  const path = joinPath(directory, name);
  let bytes: number | null;
  try {
    bytes = yield* withFile(temporaryPath, 'create', (file) => writeContent(file, source, isWanted));
    if (bytes === null) {
      yield* unlinkFile(temporaryPath);
      return null;
    }
    yield* renameFile(temporaryPath, path);
  } catch (error) {
    yield* ignoringErrors(unlinkFile(temporaryPath));
    throw error;
  }
  yield* syncDirectory(directory);
  return { path, zxid: source.zxid, bytes };
}

function* writeContent(
  file: DiskFile,
  source: SnapshotSource,
  isWanted: () => boolean,
): DiskScript<number | null> {
  const output = new SealedOutput(file);
  const { writer } = output;
  writer.int(SNAPSHOT_MAGIC);
  writer.int(SNAPSHOT_VERSION);
  writer.long(-1);
  source.writeHead(writer);
  yield* output.append();

  for (let isDone = false; !isDone;) {
    if (!isWanted()) return null;
    isDone = source.writeNodes(writer, SLICE_BYTES);
    yield* output.append();
  }
  writeNodesEnd(writer);
  output.seal();
  writer.long(source.zxid);
  writer.int(DIGEST_VERSION);
  writer.int(source.digest.high | 0);
  writer.int(source.digest.low | 0);
  output.seal();
  writer.long(source.zxid);
  output.seal();
  yield* output.append();
  yield* syncFile(file);
  return output.length;
}

/** Appends to a file and keeps the checksum of all of it. */
class SealedOutput {
  readonly writer = new JuteWriter(2 * SLICE_BYTES);
  readonly #file: DiskFile;
  #checksum = ADLER_START;
  /** How much of the writer's content is in the checksum. */
  #summed = 0;
  #length = 0;
  #flushed = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  get length(): number {
    return this.#length;
  }

  seal(): void {
    this.#sum();
    const at = this.writer.reserve(8);
    this.writer.patchUnsignedLong(at, this.#checksum);
    this.writer.string('/');
  }

  *append(): DiskScript<void> {
    this.#sum();
    const bytes = this.writer.bytes();
    yield* writeFile(this.#file, [bytes], this.#length);
    this.#length += bytes.length;
    this.writer.clear();
    this.#summed = 0;
    if (this.#length - this.#flushed >= FLUSH_INTERVAL_BYTES) {
      this.#flushed = this.#length;
      yield* flushFile(this.#file);
    }
  }

  #sum(): void {
    const { memory, length } = this.writer;
    this.#checksum = adler32(new DataView(memory.buffer), this.#summed, length, this.#checksum);
    this.#summed = length;
  }
}
