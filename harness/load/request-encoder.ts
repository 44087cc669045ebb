import { assert } from '../../server/base/assert.ts';
import type { Prng } from '../../server/base/prng.ts';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import type { OutputBuffer } from '../client/output-buffer.ts';
import { ROOT_KEY } from '../history/op.ts';
import { VALUE_BYTES_MIN } from './workload.ts';

const ANY_VERSION = -1;
const KEY_DIGITS_MAX = 10;
/** Length, xid and type before every record. */
const HEAD_BYTES = 12;

/** What is behind a value in a CreateRequest: the vector of one ACL, world:anyone with all rights, and flags 0. */
const OPEN_ACL_AND_FLAGS = encodeOpenAclAndFlags();

/**
 * Writes the load's requests as frames (protocol §1.4, §1.5) straight into an output buffer.
 *
 * Hand-laid and not through the record writers: the generator has about three microseconds for an operation on
 * all its way. The record writers are what its test compares it with.
 */
export class RequestEncoder {
  /** `<root>/k` in UTF-8: every key's path begins so. */
  readonly #keyPrefix: Uint8Array;
  readonly #root: Uint8Array;
  readonly #filler: Uint8Array;

  /** Values are `valueBytesMax` bytes long at most; what follows their identity is the same filler in each. */
  constructor(options: { readonly root: string; readonly valueBytesMax: number; readonly prng: Prng }) {
    this.#root = new TextEncoder().encode(options.root);
    this.#keyPrefix = new TextEncoder().encode(`${options.root}/k`);
    this.#filler = new Uint8Array(Math.max(options.valueBytesMax, VALUE_BYTES_MIN));
    for (let i = 0; i < this.#filler.length; i++) this.#filler[i] = options.prng.uint32();
  }

  getData(out: OutputBuffer, xid: number, key: number): void {
    this.#keyAndByte(out, xid, OpCode.getData, key, 0);
  }

  exists(out: OutputBuffer, xid: number, key: number): void {
    this.#keyAndByte(out, xid, OpCode.exists, key, 0);
  }

  delete(out: OutputBuffer, xid: number, key: number): void {
    const start = this.#begin(out, xid, OpCode.delete, 4);
    const at = this.#keyPath(out, start + HEAD_BYTES, key);
    out.view.setInt32(at, ANY_VERSION);
    end(out, start, at + 4);
  }

  setData(out: OutputBuffer, xid: number, key: number, value: ValueIdentity): void {
    const start = this.#begin(out, xid, OpCode.setData, value.bytes + 8);
    let at = this.#keyPath(out, start + HEAD_BYTES, key);
    at = this.#value(out, at, value);
    out.view.setInt32(at, ANY_VERSION);
    end(out, start, at + 4);
  }

  /** By `create2`, whose answer has a Stat. */
  create(out: OutputBuffer, xid: number, key: number, value: ValueIdentity): void {
    const start = this.#begin(out, xid, OpCode.create2, value.bytes + 4 + OPEN_ACL_AND_FLAGS.length);
    const path = start + HEAD_BYTES;
    let at = key === ROOT_KEY ? this.#rootPath(out, path) : this.#keyPath(out, path, key);
    at = this.#value(out, at, value);
    out.bytes.set(OPEN_ACL_AND_FLAGS, at);
    end(out, start, at + OPEN_ACL_AND_FLAGS.length);
  }

  /** By `getChildren2`, whose answer has a Stat. */
  getRootChildren(out: OutputBuffer, xid: number): void {
    const start = this.#begin(out, xid, OpCode.getChildren2, 1);
    const at = this.#rootPath(out, start + HEAD_BYTES);
    out.bytes[at] = 0;
    end(out, start, at + 1);
  }

  syncRoot(out: OutputBuffer, xid: number): void {
    const start = this.#begin(out, xid, OpCode.sync, 0);
    end(out, start, this.#rootPath(out, start + HEAD_BYTES));
  }

  #keyAndByte(out: OutputBuffer, xid: number, opCode: number, key: number, byte: number): void {
    const start = this.#begin(out, xid, opCode, 1);
    const at = this.#keyPath(out, start + HEAD_BYTES, key);
    out.bytes[at] = byte;
    end(out, start, at + 1);
  }

  /** Makes room for head, path and `moreBytes`, writes the head and returns where the frame begins. */
  #begin(out: OutputBuffer, xid: number, opCode: number, moreBytes: number): number {
    out.reserve(HEAD_BYTES + 4 + this.#keyPrefix.length + KEY_DIGITS_MAX + moreBytes);
    const start = out.length;
    out.view.setInt32(start + 4, xid);
    out.view.setInt32(start + 8, opCode);
    return start;
  }

  #keyPath(out: OutputBuffer, at: number, key: number): number {
    const prefix = this.#keyPrefix;
    const { bytes } = out;
    const digits = digitCount(key);
    out.view.setInt32(at, prefix.length + digits);
    at += 4;
    for (let i = 0; i < prefix.length; i++) bytes[at + i] = prefix[i] as number;
    at += prefix.length + digits;
    let rest = key;
    for (let place = at - 1; place >= at - digits; place--) {
      const tenth = (rest / 10) | 0;
      bytes[place] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    return at;
  }

  #rootPath(out: OutputBuffer, at: number): number {
    out.view.setInt32(at, this.#root.length);
    out.bytes.set(this.#root, at + 4);
    return at + 4 + this.#root.length;
  }

  #value(out: OutputBuffer, at: number, value: ValueIdentity): number {
    assert(value.bytes >= VALUE_BYTES_MIN && value.bytes <= this.#filler.length, 'value size out of range');
    const { bytes, view } = out;
    view.setInt32(at, value.bytes);
    bytes.set(
      value.bytes === this.#filler.length ? this.#filler : this.#filler.subarray(0, value.bytes),
      at + 4,
    );
    view.setUint32(at + 4, value.process);
    view.setUint32(at + 8, value.sequence);
    return at + 4 + value.bytes;
  }
}

/** Which write a value comes from, and how long it is. */
export interface ValueIdentity {
  process: number;
  sequence: number;
  bytes: number;
}

function end(out: OutputBuffer, start: number, at: number): void {
  out.view.setInt32(start, at - start - 4);
  out.length = at;
}

function digitCount(key: number): number {
  let digits = 1;
  for (let limit = 10; key >= limit; limit *= 10) digits++;
  return digits;
}

function encodeOpenAclAndFlags(): Uint8Array {
  const writer = new JuteWriter(64);
  writer.int(1);
  writer.int(0x1f);
  writer.string('world');
  writer.string('anyone');
  writer.int(0);
  return writer.take();
}
