import { type Zxid, ZXID_ZERO } from '../../base/zxid.ts';
import { JuteReader } from '../jute-reader.ts';
import { StreamDecoder } from '../stream-decoder.ts';
import { WireError } from '../wire-error.ts';
import { type AuthId, readAuthId } from './auth-id.ts';
import { EMPTY_PACKET_BYTES } from './quorum-packet.ts';

const TWO_32 = 2 ** 32;
/** Of the high half of a zxid: beyond it a double is not exact, and no epoch comes near it (base/zxid.ts). */
const ZXID_HIGH_MAX = 2 ** 21;
/** type ‖ zxid ‖ length of the data. */
const HEAD_BYTES = 16;
const LENGTH_BYTES = 4;

/**
 * Cuts the stream of the quorum port into packets (`quorum-packet.ts`, protocol §4.2), whatever its
 * segmentation. A packet says nowhere how long it is: its end is where its last field ends.
 *
 * After `next()` has returned true the fields hold until the next call; `start` and `end` delimit the data inside
 * `bytes` and `view`. The stream goes on in another form behind a SNAP: `takeRest()` hands that over.
 */
export class PacketDecoder extends StreamDecoder {
  /** A `PacketType`, if the peer knows no others than we do; those it may send are to be passed over. */
  type = 0;
  /** Of a txn, or what this type of packet has in its place: `NO_ZXID`, an epoch's first. */
  zxid: Zxid = ZXID_ZERO;
  /** Of the data; equal where there is none. */
  start = 0;
  end = 0;
  /** Tells data of no bytes from null. */
  hasData = false;

  /** The longest packet that is let through, in bytes, authinfo included. */
  limit: number;

  /** Of the packet at `position`, if its authinfo has begun to come: how far its fields are known, in bytes. */
  #measured = 0;
  /** Strings of that authinfo behind `#measured`. */
  #stringsLeft = 0;

  constructor(limit: number) {
    super();
    this.limit = limit;
  }

  /**
   * Moves to the next whole packet.
   * @throws WireError `frame-length` as soon as a packet is seen to exceed the limit, `length` for a negative
   * length, `value` for a zxid beyond ±2^53.
   */
  override next(): boolean {
    for (;;) {
      const have = this.filled - this.position;
      let needed = EMPTY_PACKET_BYTES;
      if (have >= needed) {
        needed = this.#measure(have);
        if (have >= needed) {
          this.#handOut(needed);
          return true;
        }
      }
      if (!this.extend(needed)) return false;
    }
  }

  /** The data as a view of `bytes`, or null. */
  get data(): Uint8Array | null {
    return this.hasData ? this.bytes.subarray(this.start, this.end) : null;
  }

  /** Points `reader` at the data. Where there is none it finds nothing to read. */
  openData(reader: JuteReader): void {
    reader.reset(this.bytes, this.view, this.start, this.end);
  }

  /** Read anew at each call. */
  authinfo(): readonly AuthId[] | null {
    const reader = new JuteReader();
    reader.reset(this.bytes, this.view, this.end, this.position);
    return reader.vector(readAuthId);
  }

  /** How many bytes the packet takes, of which there are `have`. If it is more than those: how many at least. */
  #measure(have: number): number {
    if (this.#measured === 0) {
      const end = HEAD_BYTES + this.#length(HEAD_BYTES - LENGTH_BYTES) + LENGTH_BYTES;
      this.#check(end);
      if (have < end) return end;
      const count = this.view.getInt32(this.position + end - LENGTH_BYTES);
      if (count === -1) return end;
      if (count < 0) throw new WireError('length', `authinfo of ${count} ids`);
      this.#measured = end;
      this.#stringsLeft = 2 * count;
    }
    for (;;) {
      // Every string takes its length field at least.
      const least = this.#measured + LENGTH_BYTES * this.#stringsLeft;
      this.#check(least);
      if (this.#stringsLeft === 0 || have < this.#measured + LENGTH_BYTES) return least;
      this.#measured += LENGTH_BYTES + this.#length(this.#measured);
      this.#stringsLeft--;
    }
  }

  /** The length field at `offset` of the packet; the −1 of null counts as 0. */
  #length(offset: number): number {
    const length = this.view.getInt32(this.position + offset);
    if (length < -1) throw new WireError('length', `field of length ${length} in a packet`);
    return Math.max(length, 0);
  }

  #check(bytes: number): void {
    if (bytes > this.limit) {
      throw new WireError('frame-length', `packet of ${bytes} bytes or more, the limit is ${this.limit}`);
    }
  }

  #handOut(bytes: number): void {
    const { view, position } = this;
    const high = view.getInt32(position + 4);
    if (high >= ZXID_HIGH_MAX || high < -ZXID_HIGH_MAX) {
      throw new WireError('value', `zxid 0x${view.getBigUint64(position + 4).toString(16)} in a packet`);
    }
    const length = view.getInt32(position + HEAD_BYTES - LENGTH_BYTES);
    this.type = view.getInt32(position);
    this.zxid = (high * TWO_32 + view.getUint32(position + 8)) as Zxid;
    this.hasData = length !== -1;
    this.start = position + HEAD_BYTES;
    this.end = this.hasData ? this.start + length : this.start;
    this.position = position + bytes;
    this.#measured = 0;
  }
}
