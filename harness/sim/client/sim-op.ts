import type { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode } from '../../../server/wire/opcode.ts';
import { writeCheckVersionRequest } from '../../../server/wire/records/check-version.ts';
import { writeCreateRequest } from '../../../server/wire/records/create.ts';
import { writeDeleteRequest } from '../../../server/wire/records/delete.ts';
import { type MultiOp, writeMultiRequest } from '../../../server/wire/records/multi-request.ts';
import { writeSetAclRequest } from '../../../server/wire/records/set-acl.ts';
import { writeSetDataRequest } from '../../../server/wire/records/set-data.ts';
import { OPEN_ACL } from '../../client/client.ts';
import type { RequestOp } from '../../model/request-op.ts';
import type { SingleWriteOp } from '../../model/write-op.ts';

const OPCODES = {
  create: OpCode.create,
  create2: OpCode.create2,
  delete: OpCode.delete,
  check: OpCode.check,
  setData: OpCode.setData,
  setAcl: OpCode.setAcl,
  multi: OpCode.multi,
  closeSession: OpCode.closeSession,
  getData: OpCode.getData,
  exists: OpCode.exists,
  getChildren: OpCode.getChildren2,
  sync: OpCode.sync,
} as const;

/** The whole frame of a request. */
export function writeRequest(writer: JuteWriter, xid: number, op: RequestOp): void {
  const frame = writer.reserveInt();
  writer.int(xid);
  writer.int(OPCODES[op.f]);
  writeBody(writer, op);
  writer.endFrame(frame);
}

function writeBody(writer: JuteWriter, op: RequestOp): void {
  switch (op.f) {
    case 'create':
    case 'create2':
      writeCreateRequest(writer, { path: op.path, data: op.data, acl: OPEN_ACL, flags: op.flags });
      return;
    case 'delete':
      writeDeleteRequest(writer, op);
      return;
    case 'check':
      writeCheckVersionRequest(writer, op);
      return;
    case 'setData':
      writeSetDataRequest(writer, op);
      return;
    case 'setAcl':
      writeSetAclRequest(writer, { ...op, acl: OPEN_ACL });
      return;
    case 'multi':
      writeMultiRequest(writer, op.ops.map(multiOp));
      return;
    case 'closeSession':
      return;
    case 'sync':
      writer.string(op.path);
      return;
    default:
      writer.string(op.path);
      writer.bool(op.watch);
  }
}

function multiOp(op: SingleWriteOp): MultiOp {
  switch (op.f) {
    case 'create':
    case 'create2':
      return {
        type: OPCODES[op.f],
        request: { path: op.path, data: op.data, acl: OPEN_ACL, flags: op.flags },
      };
    case 'delete':
      return { type: OpCode.delete, request: op };
    case 'setData':
      return { type: OpCode.setData, request: op };
    default:
      return { type: OpCode.check, request: op };
  }
}
