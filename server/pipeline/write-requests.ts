import type { Prepared, RequestContext, RequestPreparer } from '../tree/prepare-request.ts';
import type { TreeLimits } from '../tree/tree-limits.ts';
import { OpCode } from '../wire/opcode.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { readCreateRequest, readCreateTtlRequest } from '../wire/records/create.ts';
import { readDeleteRequest } from '../wire/records/delete.ts';
import { readMultiRequest, type MultiOp } from '../wire/records/multi-request.ts';
import { readReconfigRequest } from '../wire/records/reconfig.ts';
import { readSetAclRequest } from '../wire/records/set-acl.ts';
import { readSetDataRequest } from '../wire/records/set-data.ts';

/**
 * What a client may ask to be changed. `createSession` and `deleteContainer` are the server's own and not
 * among them (trap 84), nor is a check outside a multi, which no log reader could replay (B27).
 */
const WRITE_TYPES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTtl,
  OpCode.delete,
  OpCode.setData,
  OpCode.setAcl,
  OpCode.multi,
  OpCode.reconfig,
  OpCode.closeSession,
]);

export function isWriteType(type: number): boolean {
  return WRITE_TYPES.has(type);
}

/**
 * Reads a write request and prepares it.
 * @throws WireError for a body that is not the record of this type; then nothing has been prepared.
 */
export function prepareWrite(
  preparer: RequestPreparer,
  type: number,
  reader: JuteReader,
  context: RequestContext,
): Prepared {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return preparer.create(readCreateRequest(reader), type, context);
    case OpCode.createTtl:
      return preparer.createTtl(readCreateTtlRequest(reader), context);
    case OpCode.delete:
      return preparer.delete(readDeleteRequest(reader), context);
    case OpCode.setData:
      return preparer.setData(readSetDataRequest(reader), context);
    case OpCode.setAcl:
      return preparer.setAcl(readSetAclRequest(reader), context);
    case OpCode.multi:
      return preparer.multi(readMultiRequest(reader, preparer.limits.operationsPerMultiMax), context);
    case OpCode.reconfig:
      return preparer.reconfig(readReconfigRequest(reader), context);
    default:
      return preparer.closeSession(context.session, context.zxid);
  }
}

/** Which operations of a multi are answered with a stat though their txns do not say so: null for none. */
export type StatWanted = ReadonlySet<number> | null;

/**
 * Reads a write request and forgets it, but for what its answer depends on.
 * @throws WireError as `prepareWrite` does.
 */
export function checkWriteBody(type: number, reader: JuteReader, limits: TreeLimits): StatWanted {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      readCreateRequest(reader);
      return null;
    case OpCode.createTtl:
      readCreateTtlRequest(reader);
      return null;
    case OpCode.delete:
      readDeleteRequest(reader);
      return null;
    case OpCode.setData:
      readSetDataRequest(reader);
      return null;
    case OpCode.setAcl:
      readSetAclRequest(reader);
      return null;
    case OpCode.reconfig:
      readReconfigRequest(reader);
      return null;
    case OpCode.multi:
      return create2sAmong(readMultiRequest(reader, limits.operationsPerMultiMax));
    default:
      return null;
  }
}

function create2sAmong(ops: readonly MultiOp[]): StatWanted {
  let found: Set<number> | null = null;
  for (const [index, { type }] of ops.entries()) {
    if (type === OpCode.create2) (found ??= new Set()).add(index);
  }
  return found;
}
