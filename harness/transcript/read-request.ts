import type { JuteReader } from '../../server/wire/jute-reader.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { readCheckVersionRequest } from '../../server/wire/records/check-version.ts';
import { readCreateRequest } from '../../server/wire/records/create.ts';
import { readDeleteRequest } from '../../server/wire/records/delete.ts';
import { readExistsRequest } from '../../server/wire/records/exists.ts';
import { readGetChildrenRequest } from '../../server/wire/records/get-children.ts';
import { readGetDataRequest } from '../../server/wire/records/get-data.ts';
import {
  type MultiOp,
  type MultiReadOp as MultiReadPart,
  readMultiReadRequest,
  readMultiRequest,
} from '../../server/wire/records/multi-request.ts';
import { readSetAclRequest } from '../../server/wire/records/set-acl.ts';
import { readSetDataRequest } from '../../server/wire/records/set-data.ts';
import { readSyncRequest } from '../../server/wire/records/sync.ts';
import type { MultiReadOp, ReadOp, RequestOp } from '../model/request-op.ts';
import type { RequestedWrite, SingleWriteOp } from '../model/write-op.ts';

/** What a request's body asks for, with memory of its own; null for what the model knows nothing of. */
export function readRequest(
  opCode: number,
  body: JuteReader,
): RequestOp | RequestedWrite | MultiReadOp | null {
  switch (opCode) {
    case OpCode.create:
    case OpCode.create2:
      return createOp(opCode, readCreateRequest(body));
    case OpCode.delete:
      return { f: 'delete', ...readDeleteRequest(body) };
    case OpCode.setData: {
      const { path, data, version } = readSetDataRequest(body);
      return { f: 'setData', path, data: own(data), version };
    }
    case OpCode.setAcl: {
      const { path, version } = readSetAclRequest(body);
      return { f: 'setAcl', path, version };
    }
    case OpCode.check:
      return { f: 'check', ...readCheckVersionRequest(body) };
    case OpCode.multi:
      return multiOp(readMultiRequest(body));
    case OpCode.multiRead:
      return { f: 'multiRead', ops: readMultiReadRequest(body).map(readPart) };
    case OpCode.closeSession:
      return { f: 'closeSession' };
    case OpCode.reconfig:
      return { f: 'reconfig' };
    case OpCode.getData:
      return { f: 'getData', ...readGetDataRequest(body) };
    case OpCode.exists:
      return { f: 'exists', ...readExistsRequest(body) };
    case OpCode.getChildren2:
      return { f: 'getChildren', ...readGetChildrenRequest(body) };
    case OpCode.sync:
      return { f: 'sync', path: readSyncRequest(body).path };
    default:
      return null;
  }
}

function readPart({ type, request: { path } }: MultiReadPart): ReadOp {
  // What its record says of a watch means nothing.
  return { f: type === OpCode.getData ? 'getData' : 'getChildren', path, watch: false };
}

function multiOp(parts: readonly MultiOp[]): RequestedWrite | null {
  const ops: SingleWriteOp[] = [];
  for (const { type, request } of parts) {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
        ops.push(createOp(type, request));
        break;
      case OpCode.delete:
        ops.push({ f: 'delete', ...request });
        break;
      case OpCode.setData:
        ops.push({ f: 'setData', path: request.path, data: own(request.data), version: request.version });
        break;
      case OpCode.check:
        ops.push({ f: 'check', ...request });
        break;
      default:
        return null;
    }
  }
  return { f: 'multi', ops };
}

function createOp(
  opCode: typeof OpCode.create | typeof OpCode.create2,
  { path, data, flags }: { readonly path: string; readonly data: Uint8Array | null; readonly flags: number },
): SingleWriteOp {
  return { f: opCode === OpCode.create ? 'create' : 'create2', path, data: own(data), flags };
}

function own(data: Uint8Array | null): Uint8Array | null {
  return data === null ? null : data.slice();
}
