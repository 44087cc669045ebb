import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Begins every frame of a client but the first. */
export interface RequestHeader {
  /** The client's own numbering, or one of `SpecialXid`. */
  readonly xid: number;
  /** An `OpCode`, if the client plays by the rules. */
  readonly type: number;
}

export function readRequestHeader(reader: JuteReader): RequestHeader {
  return { xid: reader.int(), type: reader.int() };
}

export function writeRequestHeader(writer: JuteWriter, header: RequestHeader): void {
  writer.int(header.xid);
  writer.int(header.type);
}

/** Begins every frame of a server but the first. */
export interface ReplyHeader {
  /** Of the request, or `SpecialXid.notification`. */
  readonly xid: number;
  /** The last zxid this server has applied; 0 and −1 say nothing (protocol §1.4). */
  readonly zxid: Zxid;
  /** An `ErrorCode`. With a few exceptions, no record follows unless it is 0. */
  readonly err: number;
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  return { xid: reader.int(), zxid: reader.zxid(), err: reader.int() };
}

export function writeReplyHeader(writer: JuteWriter, header: ReplyHeader): void {
  writer.int(header.xid);
  writer.long(header.zxid);
  writer.int(header.err);
}
