import { OpCode } from '../wire/opcode.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import type { Acl } from '../wire/records/acl.ts';
import { readCreateRequest, readCreateTtlRequest } from '../wire/records/create.ts';
import { readDeleteRequest } from '../wire/records/delete.ts';
import { readMultiRequest, type MultiOp } from '../wire/records/multi-request.ts';
import { readSetAclRequest } from '../wire/records/set-acl.ts';
import { readSetDataRequest } from '../wire/records/set-data.ts';

/** What a write is about, as its client has asked for it; nothing of it is kept alive of the frame. */
export interface RequestSubject {
  readonly path: string | null;
  /** Of a create, as Apache calls it. */
  readonly znodeType: string | null;
  /** Of a setAcl. */
  readonly acl: readonly Acl[] | null;
  /** Of a multi, by its operations. */
  readonly znodeTypes: readonly (string | null)[];
}

/** By the `flags` of a create. */
const ZNODE_TYPES: readonly string[] = [
  'persistent',
  'ephemeral',
  'persistent_sequential',
  'ephemeral_sequential',
  'container',
  'persistent_with_ttl',
  'persistent_sequential_with_ttl',
];

const NOTHING: RequestSubject = { path: null, znodeType: null, acl: null, znodeTypes: [] };

/** Of a body that has been found to be readable. */
export function subjectOf(opcode: number, reader: JuteReader): RequestSubject {
  switch (opcode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer: {
      const { path, flags } = readCreateRequest(reader);
      return { ...NOTHING, path, znodeType: znodeType(flags) };
    }
    case OpCode.createTtl: {
      const { path, flags } = readCreateTtlRequest(reader);
      return { ...NOTHING, path, znodeType: znodeType(flags) };
    }
    case OpCode.delete:
      return { ...NOTHING, path: readDeleteRequest(reader).path };
    case OpCode.setData:
      return { ...NOTHING, path: readSetDataRequest(reader).path };
    case OpCode.setAcl: {
      const { path, acl } = readSetAclRequest(reader);
      return { ...NOTHING, path, acl: acl ?? [] };
    }
    case OpCode.multi:
      return { ...NOTHING, znodeTypes: readMultiRequest(reader).map(typeMade) };
    default:
      return NOTHING;
  }
}

function typeMade(op: MultiOp): string | null {
  return 'flags' in op.request ? znodeType(op.request.flags) : null;
}

function znodeType(flags: number): string | null {
  return ZNODE_TYPES[flags] ?? null;
}
