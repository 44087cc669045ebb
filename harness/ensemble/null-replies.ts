import { NO_SESSION } from '../../server/base/session-id.ts';
import type { SessionId } from '../../server/base/session-id.ts';
import { ZXID_ZERO } from '../../server/base/zxid.ts';
import type { Zxid } from '../../server/base/zxid.ts';
import { JuteReader } from '../../server/wire/jute-reader.ts';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { readConnectRequest, writeConnectResponse } from '../../server/wire/records/connect.ts';
import { writeCreate2Response } from '../../server/wire/records/create.ts';
import { writeGetChildren2Response } from '../../server/wire/records/get-children.ts';
import { writeGetDataResponse } from '../../server/wire/records/get-data.ts';
import { writeReplyHeader } from '../../server/wire/records/headers.ts';
import { writeStat } from '../../server/wire/records/stat.ts';
import type { Stat } from '../../server/wire/records/stat.ts';
import { writeSyncResponse } from '../../server/wire/records/sync.ts';
import type { OutputBuffer } from '../client/output-buffer.ts';

const VALUE_BYTES = 1024;
/** Where a reply's frame has its xid, its zxid and, from the end, its Stat's mzxid. */
const XID_AT = 4;
const ZXID_AT = 8;
const MZXID_FROM_END = 60;
const TWO_32 = 2 ** 32;

const STAT: Stat = {
  czxid: 1 as Zxid,
  mzxid: 1 as Zxid,
  ctime: 0,
  mtime: 0,
  version: 1,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: VALUE_BYTES,
  numChildren: 0,
  pzxid: 1 as Zxid,
};

/** The answers of a null server: frames made once, copied, and stamped with the request's xid and a zxid. */
export class NullReplies {
  readonly #empty = encodeReply(() => {});
  readonly #byOpCode: ReadonlyMap<number, Uint8Array> = new Map([
    [
      OpCode.getData,
      encodeReply((w) => writeGetDataResponse(w, { data: new Uint8Array(VALUE_BYTES), stat: STAT })),
    ],
    [OpCode.exists, encodeReply((w) => writeStat(w, STAT))],
    [OpCode.setData, encodeReply((w) => writeStat(w, STAT))],
    [OpCode.create2, encodeReply((w) => writeCreate2Response(w, { path: '/null', stat: STAT }))],
    [OpCode.getChildren2, encodeReply((w) => writeGetChildren2Response(w, { children: [], stat: STAT }))],
    [OpCode.sync, encodeReply((w) => writeSyncResponse(w, { path: '/null' }))],
  ]);
  #zxid = 0;
  #sessions = 0;

  reply(out: OutputBuffer, xid: number, opCode: number): void {
    const frame = this.#byOpCode.get(opCode) ?? this.#empty;
    const hasTxn = opCode === OpCode.setData || opCode === OpCode.create2 || opCode === OpCode.delete;
    if (hasTxn) this.#zxid++;
    const at = out.length;
    out.raw(frame);
    out.view.setInt32(at + XID_AT, xid);
    putLong(out.view, at + ZXID_AT, this.#zxid);
    if (hasTxn && opCode !== OpCode.delete) putLong(out.view, out.length - MZXID_FROM_END, this.#zxid);
  }

  /** Whatever session is asked for is given; a new one gets the next number. */
  connect(out: OutputBuffer, request: Uint8Array): void {
    const { sessionId, passwd, timeOut, readOnly } = readConnectRequest(new JuteReader(request));
    const writer = new JuteWriter();
    const frame = writer.reserveInt();
    writeConnectResponse(writer, {
      protocolVersion: 0,
      timeOut,
      sessionId: sessionId === NO_SESSION ? (BigInt(++this.#sessions) as SessionId) : sessionId,
      passwd: passwd ?? new Uint8Array(16),
      readOnly: readOnly === null ? null : false,
    });
    writer.endFrame(frame);
    out.raw(writer.bytes());
  }
}

function encodeReply(writeBody: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(2048);
  const frame = writer.reserveInt();
  writeReplyHeader(writer, { xid: 0, zxid: ZXID_ZERO, err: 0 });
  writeBody(writer);
  writer.endFrame(frame);
  return writer.bytes().slice();
}

function putLong(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_32));
  view.setInt32(at + 4, value | 0);
}
