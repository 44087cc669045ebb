import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import {
  type CreateContainerTxn,
  type CreateTtlTxn,
  type CreateTxn,
  readCreateContainerTxn,
  readCreateTtlTxn,
  readCreateTxn,
  writeCreateContainerTxn,
  writeCreateTtlTxn,
  writeCreateTxn,
} from './create-txns.ts';
import {
  type CheckVersionTxn,
  type DeleteTxn,
  type ErrorTxn,
  type SetAclTxn,
  type SetDataTxn,
  readCheckVersionTxn,
  readDeleteTxn,
  readErrorTxn,
  readSetAclTxn,
  readSetDataTxn,
  writeCheckVersionTxn,
  writeDeleteTxn,
  writeErrorTxn,
  writeSetAclTxn,
  writeSetDataTxn,
} from './node-txns.ts';
import {
  type CloseSessionTxn,
  type CreateSessionTxn,
  readCloseSessionTxn,
  readCreateSessionTxn,
  writeCloseSessionTxn,
  writeCreateSessionTxn,
} from './session-txns.ts';

/** What a multi may hold. */
export type SubTxn =
  | CreateTxn
  | CreateContainerTxn
  | CreateTtlTxn
  | DeleteTxn
  | SetDataTxn
  | SetAclTxn
  | CheckVersionTxn
  | ErrorTxn;

/** All or nothing. If one operation was refused, every one from it on is an `ErrorTxn`, and nothing is done. */
export interface MultiTxn {
  readonly type: typeof OpCode.multi;
  readonly txns: readonly SubTxn[];
}

/** A change to the tree or to the sessions, decided: applying it can't be refused (protocol §2). */
export type Txn = SubTxn | MultiTxn | CreateSessionTxn | CloseSessionTxn;

/**
 * Reads the record that follows a header of this type. `createV0` and a closeSession without a record are told
 * from their successors by where the bytes end, so the reader must end where the transaction does.
 * @throws WireError `value` for a type that is not a transaction's.
 */
export function readTxn(reader: JuteReader, type: number): Txn {
  switch (type) {
    case OpCode.createSession:
      return readCreateSessionTxn(reader);
    case OpCode.closeSession:
      return readCloseSessionTxn(reader);
    case OpCode.multi:
      return readMultiTxn(reader);
    default:
      return readSubTxn(reader, type);
  }
}

export function writeTxn(writer: JuteWriter, txn: Txn): void {
  switch (txn.type) {
    case OpCode.createSession:
      return writeCreateSessionTxn(writer, txn);
    case OpCode.closeSession:
      return writeCloseSessionTxn(writer, txn);
    case OpCode.multi:
      return writeMultiTxn(writer, txn);
    case OpCode.create:
    case OpCode.create2:
      return writeCreateTxn(writer, txn);
    case OpCode.createContainer:
      return writeCreateContainerTxn(writer, txn);
    case OpCode.createTtl:
      return writeCreateTtlTxn(writer, txn);
    case OpCode.delete:
    case OpCode.deleteContainer:
      return writeDeleteTxn(writer, txn);
    case OpCode.setData:
    case OpCode.reconfig:
      return writeSetDataTxn(writer, txn);
    case OpCode.setAcl:
      return writeSetAclTxn(writer, txn);
    case OpCode.check:
      return writeCheckVersionTxn(writer, txn);
    case OpCode.error:
      return writeErrorTxn(writer, txn);
  }
}

function readSubTxn(reader: JuteReader, type: number): SubTxn {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return readCreateTxn(reader, type);
    case OpCode.createContainer:
      return readCreateContainerTxn(reader);
    case OpCode.createTtl:
      return readCreateTtlTxn(reader);
    case OpCode.delete:
    case OpCode.deleteContainer:
      return readDeleteTxn(reader, type);
    case OpCode.setData:
    case OpCode.reconfig:
      return readSetDataTxn(reader, type);
    case OpCode.setAcl:
      return readSetAclTxn(reader);
    case OpCode.check:
      return readCheckVersionTxn(reader);
    case OpCode.error:
      return readErrorTxn(reader);
    default:
      throw new WireError('value', `transaction of type ${type}`);
  }
}

function readMultiTxn(reader: JuteReader): MultiTxn {
  return { type: OpCode.multi, txns: reader.vector(readNestedTxn) ?? [] };
}

function writeMultiTxn(writer: JuteWriter, txn: MultiTxn): void {
  writer.vector(txn.txns, writeNestedTxn);
}

/** `i32 type ‖ buf record` */
function readNestedTxn(reader: JuteReader): SubTxn {
  const type = reader.int();
  const outerEnd = reader.enterBuffer();
  const txn = readSubTxn(reader, type);
  reader.leaveBuffer(outerEnd);
  return txn;
}

/**
 * A create2 as a create, whose record is the same: servers before 3.9.5 can't replay it in a multi
 * (ZOOKEEPER-4026), and it makes no difference to the tree.
 */
function writeNestedTxn(writer: JuteWriter, txn: SubTxn): void {
  writer.int(txn.type === OpCode.create2 ? OpCode.create : txn.type);
  const at = writer.reserveInt();
  writeTxn(writer, txn);
  writer.endFrame(at);
}
