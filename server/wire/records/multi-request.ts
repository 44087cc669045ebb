import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import {
  type CheckVersionRequest,
  readCheckVersionRequest,
  writeCheckVersionRequest,
} from './check-version.ts';
import {
  type CreateRequest,
  type CreateTtlRequest,
  readCreateRequest,
  readCreateTtlRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
} from './create.ts';
import { type DeleteRequest, readDeleteRequest, writeDeleteRequest } from './delete.ts';
import { type GetChildrenRequest, readGetChildrenRequest, writeGetChildrenRequest } from './get-children.ts';
import { type GetDataRequest, readGetDataRequest, writeGetDataRequest } from './get-data.ts';
import { readMultiHeader, writeMultiEnd, writeMultiHeader } from './multi-header.ts';
import { type SetDataRequest, readSetDataRequest, writeSetDataRequest } from './set-data.ts';

/** One operation of a multi. */
export type MultiOp =
  | {
      readonly type: typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer;
      readonly request: CreateRequest;
    }
  | { readonly type: typeof OpCode.createTtl; readonly request: CreateTtlRequest }
  | { readonly type: typeof OpCode.delete; readonly request: DeleteRequest }
  | { readonly type: typeof OpCode.setData; readonly request: SetDataRequest }
  | { readonly type: typeof OpCode.check; readonly request: CheckVersionRequest };

/** One operation of a multiRead; the `watch` of its request means nothing. */
export type MultiReadOp =
  | { readonly type: typeof OpCode.getData; readonly request: GetDataRequest }
  | { readonly type: typeof OpCode.getChildren; readonly request: GetChildrenRequest };

/** @throws WireError `value` for an operation a multi may not hold, a read among them, and for more than `opsMax`. */
export function readMultiRequest(reader: JuteReader, opsMax = Number.POSITIVE_INFINITY): MultiOp[] {
  const ops: MultiOp[] = [];
  for (;;) {
    const header = readMultiHeader(reader);
    if (header.done) return ops;
    if (ops.length >= opsMax) throw new WireError('value', `a multi of more than ${opsMax} operations`);
    ops.push(readMultiOp(reader, header.type));
  }
}

export function writeMultiRequest(writer: JuteWriter, ops: readonly MultiOp[]): void {
  for (const op of ops) {
    writeMultiHeader(writer, op.type, -1);
    writeMultiOp(writer, op);
  }
  writeMultiEnd(writer);
}

/** @throws WireError `value` for an operation a multiRead may not hold. */
export function readMultiReadRequest(reader: JuteReader): MultiReadOp[] {
  const ops: MultiReadOp[] = [];
  for (;;) {
    const header = readMultiHeader(reader);
    if (header.done) return ops;
    ops.push(readMultiReadOp(reader, header.type));
  }
}

export function writeMultiReadRequest(writer: JuteWriter, ops: readonly MultiReadOp[]): void {
  for (const op of ops) {
    writeMultiHeader(writer, op.type, -1);
    if (op.type === OpCode.getData) writeGetDataRequest(writer, op.request);
    else writeGetChildrenRequest(writer, op.request);
  }
  writeMultiEnd(writer);
}

function readMultiOp(reader: JuteReader, type: number): MultiOp {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return { type, request: readCreateRequest(reader) };
    case OpCode.createTtl:
      return { type, request: readCreateTtlRequest(reader) };
    case OpCode.delete:
      return { type, request: readDeleteRequest(reader) };
    case OpCode.setData:
      return { type, request: readSetDataRequest(reader) };
    case OpCode.check:
      return { type, request: readCheckVersionRequest(reader) };
    default:
      throw new WireError('value', `operation ${type} in a multi`);
  }
}

function writeMultiOp(writer: JuteWriter, op: MultiOp): void {
  switch (op.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return writeCreateRequest(writer, op.request);
    case OpCode.createTtl:
      return writeCreateTtlRequest(writer, op.request);
    case OpCode.delete:
      return writeDeleteRequest(writer, op.request);
    case OpCode.setData:
      return writeSetDataRequest(writer, op.request);
    case OpCode.check:
      return writeCheckVersionRequest(writer, op.request);
  }
}

function readMultiReadOp(reader: JuteReader, type: number): MultiReadOp {
  switch (type) {
    case OpCode.getData:
      return { type, request: readGetDataRequest(reader) };
    case OpCode.getChildren:
      return { type, request: readGetChildrenRequest(reader) };
    default:
      throw new WireError('value', `operation ${type} in a multiRead`);
  }
}
