import type { SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Begins every transaction, in the log and between servers: 32 bytes. */
export interface TxnHeader {
  /** The session whose request it was. */
  readonly clientId: SessionId;
  /** That request's xid. */
  readonly cxid: number;
  readonly zxid: Zxid;
  /** The leader's wall clock in ms. */
  readonly time: number;
  /** An `OpCode`; says which `Txn` follows. */
  readonly type: number;
}

export function readTxnHeader(reader: JuteReader): TxnHeader {
  return {
    clientId: reader.sessionId(),
    cxid: reader.int(),
    zxid: reader.zxid(),
    time: reader.long(),
    type: reader.int(),
  };
}

export function writeTxnHeader(writer: JuteWriter, header: TxnHeader): void {
  writer.bigLong(header.clientId);
  writer.int(header.cxid);
  writer.long(header.zxid);
  writer.long(header.time);
  writer.int(header.type);
}
