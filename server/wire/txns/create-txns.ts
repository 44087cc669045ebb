import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Acl, readAcl, writeAcl } from '../records/acl.ts';

/** What `parentCVersion` says in a transaction older than the field: one more than the parent has. */
export const PARENT_CVERSION_UNKNOWN = -1;

export interface CreateTxn {
  readonly type: typeof OpCode.create | typeof OpCode.create2;
  /** With its sequence number. */
  readonly path: string;
  readonly data: Uint8Array | null;
  /** Final: `auth` is resolved and duplicates are gone. */
  readonly acl: readonly Acl[] | null;
  readonly ephemeral: boolean;
  /** The parent's stored cversion after this create, or `PARENT_CVERSION_UNKNOWN`. */
  readonly parentCVersion: number;
}

/** Reads the present layout and that of old logs, which ends before `parentCVersion`; writes the present. */
export function readCreateTxn(reader: JuteReader, type: CreateTxn['type']): CreateTxn {
  return {
    type,
    path: reader.string(),
    data: reader.buffer(),
    acl: reader.vector(readAcl),
    ephemeral: reader.bool(),
    parentCVersion: reader.remaining === 0 ? PARENT_CVERSION_UNKNOWN : reader.int(),
  };
}

export function writeCreateTxn(writer: JuteWriter, txn: CreateTxn): void {
  writer.string(txn.path);
  writer.buffer(txn.data);
  writer.vector(txn.acl, writeAcl);
  writer.bool(txn.ephemeral);
  writer.int(txn.parentCVersion);
}

export interface CreateContainerTxn {
  readonly type: typeof OpCode.createContainer;
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[] | null;
  readonly parentCVersion: number;
}

export function readCreateContainerTxn(reader: JuteReader): CreateContainerTxn {
  return {
    type: OpCode.createContainer,
    path: reader.string(),
    data: reader.buffer(),
    acl: reader.vector(readAcl),
    parentCVersion: reader.int(),
  };
}

export function writeCreateContainerTxn(writer: JuteWriter, txn: CreateContainerTxn): void {
  writer.string(txn.path);
  writer.buffer(txn.data);
  writer.vector(txn.acl, writeAcl);
  writer.int(txn.parentCVersion);
}

export interface CreateTtlTxn {
  readonly type: typeof OpCode.createTtl;
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[] | null;
  readonly parentCVersion: number;
  /** In ms. */
  readonly ttl: number;
}

export function readCreateTtlTxn(reader: JuteReader): CreateTtlTxn {
  return {
    type: OpCode.createTtl,
    path: reader.string(),
    data: reader.buffer(),
    acl: reader.vector(readAcl),
    parentCVersion: reader.int(),
    ttl: reader.long(),
  };
}

export function writeCreateTtlTxn(writer: JuteWriter, txn: CreateTtlTxn): void {
  writer.string(txn.path);
  writer.buffer(txn.data);
  writer.vector(txn.acl, writeAcl);
  writer.int(txn.parentCVersion);
  writer.long(txn.ttl);
}
