import { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type SnapshotBodySource, SnapshotBodyReader, type SnapshotSink } from '../snapshot/snapshot-body.ts';
import { writeNodesEnd } from '../snapshot/snapshot-body.ts';
import { WireError } from '../wire-error.ts';

/**
 * What follows a SNAP packet on the stream (protocol §4.4): the body of a snapshot as it stands in a file, without
 * the file's header and seals, and a signature.
 * ```
 * stream = sessions ‖ acl table ‖ nodes ‖ str "/" ‖ str "BenWasHere"
 * ```
 * It says nowhere how long it is; packets go on right behind it.
 */
const SIGNATURE = 'BenWasHere';
const SIGNATURE_BYTES = 14;
const MEMORY_BYTES_MIN = 4096;
const EMPTY = new Uint8Array(0);

/**
 * Reads the stream into a sink, in whatever segments it comes. It keeps no more than a record of it: what comes
 * is read at once as far as it goes, and only a record cut off by a chunk's end is copied to wait for the rest.
 */
export class SnapshotStreamReader {
  readonly #body: SnapshotBodyReader;
  readonly #recordBytesMax: number;
  readonly #reader = new JuteReader();
  #isBodyRead = false;
  /** What has come of a record that is not whole: the first `#kept` bytes. Grows with what comes, by doubling. */
  #memory: Uint8Array = EMPTY;
  #view = new DataView(EMPTY.buffer);
  #kept = 0;

  /** `recordBytesMax`: the longest node or ACL table entry that is waited for, in bytes. */
  constructor(sink: SnapshotSink, recordBytesMax: number) {
    this.#body = new SnapshotBodyReader(sink);
    this.#recordBytesMax = recordBytesMax;
  }

  /**
   * Null while there is more to come. At the end, what is in `chunk` behind the signature: a view, the next
   * packets. The chunk's memory is not looked at again after the call.
   * @throws WireError `length`, `value` or `frame-length` if it is no snapshot; the sink may have got part of it.
   */
  push(chunk: Uint8Array): Uint8Array | null {
    const reader = this.#open(chunk);
    if (this.#readOn(reader)) return chunk.subarray(chunk.length - reader.remaining);
    if (reader.remaining > this.#recordBytesMax) {
      throw new WireError(
        'frame-length',
        `record of more than ${reader.remaining} bytes in a snapshot, the limit is ${this.#recordBytesMax}`,
      );
    }
    this.#keep(reader);
    return null;
  }

  /** Points the reader at what has not been read: the chunk, or what was kept and the chunk behind it. */
  #open(chunk: Uint8Array): JuteReader {
    if (this.#kept === 0) {
      const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#reader.reset(chunk, view, 0, chunk.length);
      return this.#reader;
    }
    const end = this.#kept + chunk.length;
    this.#makeRoom(end);
    this.#memory.set(chunk, this.#kept);
    this.#reader.reset(this.#memory, this.#view, 0, end);
    return this.#reader;
  }

  #readOn(reader: JuteReader): boolean {
    this.#isBodyRead ||= this.#body.read(reader);
    if (!this.#isBodyRead || reader.remaining < SIGNATURE_BYTES) return false;
    if (reader.int() !== SIGNATURE.length) throw notSigned();
    for (const character of SIGNATURE) {
      if (reader.byte() !== character.charCodeAt(0)) throw notSigned();
    }
    return true;
  }

  #keep(reader: JuteReader): void {
    const rest = reader.rest();
    const isInPlace = this.#kept > 0 && reader.offset === 0;
    if (this.#kept === 0) this.#makeRoom(rest.length);
    // Within the memory itself this is a move to its beginning, which `set` knows to do.
    if (!isInPlace) this.#memory.set(rest);
    this.#kept = rest.length;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#memory.length) return;
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#memory.length, MEMORY_BYTES_MIN));
    larger.set(this.#memory.subarray(0, this.#kept));
    this.#memory = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Produces the stream in slices, each when it is asked for. */
export class SnapshotStreamWriter {
  readonly #source: SnapshotBodySource;
  #isHeadWritten = false;

  constructor(source: SnapshotBodySource) {
    this.#source = source;
  }

  /**
   * Appends the next slice to `writer`, of about `budgetBytes`; the first one also has sessions and ACLs, whatever
   * they take. True when that was the last, which ends with the signature.
   */
  writeSlice(writer: JuteWriter, budgetBytes: number): boolean {
    if (!this.#isHeadWritten) {
      this.#source.writeHead(writer);
      this.#isHeadWritten = true;
    }
    if (!this.#source.writeNodes(writer, budgetBytes)) return false;
    writeNodesEnd(writer);
    writer.string(SIGNATURE);
    return true;
  }
}

function notSigned(): WireError {
  return new WireError('value', 'no signature behind a snapshot');
}
