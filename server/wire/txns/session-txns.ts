import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { DIGEST_VERSION } from './txn-digest.ts';

const DIGEST_BYTES = 12;

export interface CreateSessionTxn {
  readonly type: typeof OpCode.createSession;
  /** Negotiated session timeout in ms. */
  readonly timeOut: number;
}

export function readCreateSessionTxn(reader: JuteReader): CreateSessionTxn {
  return { type: OpCode.createSession, timeOut: reader.int() };
}

export function writeCreateSessionTxn(writer: JuteWriter, txn: CreateSessionTxn): void {
  writer.int(txn.timeOut);
}

export interface CloseSessionTxn {
  readonly type: typeof OpCode.closeSession;
  /**
   * The session's ephemerals. Null where the transaction has no record: servers before 3.6 and those with
   * `zookeeper.closeSessionTxn.enabled=false` leave it to the applier to know them.
   */
  readonly paths2Delete: readonly string[] | null;
}

export function readCloseSessionTxn(reader: JuteReader): CloseSessionTxn {
  return { type: OpCode.closeSession, paths2Delete: isRecordAbsent(reader) ? null : reader.strings() };
}

export function writeCloseSessionTxn(writer: JuteWriter, txn: CloseSessionTxn): void {
  if (txn.paths2Delete !== null) writer.strings(txn.paths2Delete);
}

/**
 * Without a record there is nothing left or a digest alone. A list can't be mistaken for the latter: two
 * paths and no digest, in as many bytes, would be two empty paths.
 */
function isRecordAbsent(reader: JuteReader): boolean {
  return reader.remaining === 0 || (reader.remaining === DIGEST_BYTES && reader.peekInt() === DIGEST_VERSION);
}
