import { unreachable } from '../base/assert.ts';
import type { ByteStream } from '../base/ports.ts';
import { RingQueue } from '../base/ring-queue.ts';
import { POOLED_BYTES_MAX } from '../tree/value-pool.ts';
import { JuteWriter } from '../wire/jute-writer.ts';

/** What one connection is sent in a turn: the others have theirs before it gets more. */
const SLICE_BYTES = 256 << 10;
/** What a socket may have queued when it gets more; beyond that `onDrain` is sure to come. */
export const QUEUED_MAX: number = 128 << 10;
/** A buffer that one large reply has grown is not kept for ever. */
const KEPT_BYTES = 1 << 20;

/** Memory of the tree that goes between the bytes of the writer, before the one at `at`. */
interface Lent {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * What is to be sent to one client, frame by frame. At the end of a turn it goes out in one piece, if it is no more than
 * a slice; else in slices, one a turn, as the client takes them. Large values are sent from where the tree has them:
 * whoever asks for many of them and does not read would else have them copied for nothing.
 */
export class ConnectionOutput {
  readonly #stream: ByteStream;
  #writer = new JuteWriter(1024);
  #lent: Lent[] = [];
  #lentBytes = 0;
  /** Of the frame begun: where its length stands, and what was lent before it. */
  #frameAt = 0;
  #lentBefore = 0;
  /** Pieces that a flush has left, in their order, how much of the first is sent, and how many bytes are not. */
  readonly #left = new RingQueue<Uint8Array>(4);
  #sentOfFirst = 0;
  #leftBytes = 0;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Bytes since the last flush. */
  get gathered(): number {
    return this.#writer.length + this.#lentBytes;
  }

  /** Bytes flushed that the client has not taken. */
  get waiting(): number {
    return this.#leftBytes + this.#stream.queuedBytes;
  }

  /** Starts a frame; what goes into it is written to the writer. */
  beginFrame(): JuteWriter {
    this.#frameAt = this.#writer.reserveInt();
    this.#lentBefore = this.#lentBytes;
    return this.#writer;
  }

  /** A znode's data, into the frame begun. */
  value(data: Uint8Array | null): void {
    // What is not used again once it is overwritten stays as it is for as long as anybody holds it.
    if (data === null || data.length <= POOLED_BYTES_MAX) {
      this.#writer.buffer(data);
      return;
    }
    this.#writer.int(data.length);
    this.lend(data);
  }

  /** Into the frame begun, bytes that stay as they are for as long as anybody holds them. */
  lend(bytes: Uint8Array): void {
    this.#lent.push({ at: this.#writer.length, bytes });
    this.#lentBytes += bytes.length;
  }

  /** Closes the frame. @returns its bytes, without its length. */
  endFrame(): number {
    const bytes = this.#writer.length - this.#frameAt - 4 + this.#lentBytes - this.#lentBefore;
    this.#writer.patchInt(this.#frameAt, bytes);
    return bytes;
  }

  /**
   * Sends a slice. True: there is more for the next turn. False: nothing is left, or the client has to take some first,
   * and `onDrain` will tell.
   */
  flush(): boolean {
    if (this.#leftBytes === 0 && this.gathered <= SLICE_BYTES && this.#lentBytes === 0) {
      this.#writeAtOnce();
      return false;
    }
    this.#cut();
    let room = SLICE_BYTES;
    while (this.#leftBytes > 0 && room > 0 && this.#stream.queuedBytes <= QUEUED_MAX)
      room -= this.#writeLeft(room);
    return this.#leftBytes > 0 && this.#stream.queuedBytes <= QUEUED_MAX;
  }

  /** Hands all there is to the network, for a connection that is about to end. */
  flushAll(): void {
    this.#cut();
    while (this.#leftBytes > 0) this.#writeLeft(this.#leftBytes);
  }

  /** Of the first piece that is left, so many bytes at most. @returns how many. */
  #writeLeft(bytesMax: number): number {
    const piece = this.#left.peek() ?? unreachable('bytes without a piece');
    const part = piece.subarray(this.#sentOfFirst, this.#sentOfFirst + bytesMax);
    this.#stream.write(part);
    this.#leftBytes -= part.length;
    this.#sentOfFirst += part.length;
    if (this.#sentOfFirst === piece.length) {
      this.#left.shift();
      this.#sentOfFirst = 0;
    }
    return part.length;
  }

  #writeAtOnce(): void {
    if (this.#writer.length === 0) return;
    const canReuse = this.#stream.write(this.#writer.bytes());
    if (canReuse && this.#writer.capacity <= KEPT_BYTES) this.#writer.clear();
    else this.#writer = new JuteWriter(1024);
  }

  /** What has gathered comes behind what is left. Its memory is given away with it. */
  #cut(): void {
    if (this.gathered === 0) return;
    const bytes = this.#writer.bytes();
    let from = 0;
    for (const lent of this.#lent) {
      this.#left.push(bytes.subarray(from, lent.at));
      this.#left.push(lent.bytes);
      from = lent.at;
    }
    if (from < bytes.length) this.#left.push(bytes.subarray(from));
    this.#leftBytes += this.gathered;
    this.#writer = new JuteWriter(1024);
    this.#lent = [];
    this.#lentBytes = 0;
  }
}
