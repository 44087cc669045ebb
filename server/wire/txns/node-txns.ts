import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Acl, readAcl, writeAcl } from '../records/acl.ts';

/** Transactions on a znode that exists, and the one that records a refusal. */
export interface DeleteTxn {
  readonly type: typeof OpCode.delete | typeof OpCode.deleteContainer;
  readonly path: string;
}

export function readDeleteTxn(reader: JuteReader, type: DeleteTxn['type']): DeleteTxn {
  return { type, path: reader.string() };
}

export function writeDeleteTxn(writer: JuteWriter, txn: DeleteTxn): void {
  writer.string(txn.path);
}

export interface SetDataTxn {
  /** A reconfig sets the data of `/zookeeper/config`. */
  readonly type: typeof OpCode.setData | typeof OpCode.reconfig;
  readonly path: string;
  readonly data: Uint8Array | null;
  /** The data version after it. */
  readonly version: number;
}

export function readSetDataTxn(reader: JuteReader, type: SetDataTxn['type']): SetDataTxn {
  return { type, path: reader.string(), data: reader.buffer(), version: reader.int() };
}

export function writeSetDataTxn(writer: JuteWriter, txn: SetDataTxn): void {
  writer.string(txn.path);
  writer.buffer(txn.data);
  writer.int(txn.version);
}

export interface SetAclTxn {
  readonly type: typeof OpCode.setAcl;
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  /** The ACL version (`aversion`) after it. */
  readonly version: number;
}

export function readSetAclTxn(reader: JuteReader): SetAclTxn {
  return { type: OpCode.setAcl, path: reader.string(), acl: reader.vector(readAcl), version: reader.int() };
}

export function writeSetAclTxn(writer: JuteWriter, txn: SetAclTxn): void {
  writer.string(txn.path);
  writer.vector(txn.acl, writeAcl);
  writer.int(txn.version);
}

/** Only inside a multi; changes nothing. */
export interface CheckVersionTxn {
  readonly type: typeof OpCode.check;
  readonly path: string;
  /** One more than the version that was checked. */
  readonly version: number;
}

export function readCheckVersionTxn(reader: JuteReader): CheckVersionTxn {
  return { type: OpCode.check, path: reader.string(), version: reader.int() };
}

export function writeCheckVersionTxn(writer: JuteWriter, txn: CheckVersionTxn): void {
  writer.string(txn.path);
  writer.int(txn.version);
}

/** A write that was refused: it takes a zxid and a place in the log like any other. */
export interface ErrorTxn {
  readonly type: typeof OpCode.error;
  /** An `ErrorCode`. */
  readonly err: number;
}

export function readErrorTxn(reader: JuteReader): ErrorTxn {
  return { type: OpCode.error, err: reader.int() };
}

export function writeErrorTxn(writer: JuteWriter, txn: ErrorTxn): void {
  writer.int(txn.err);
}
