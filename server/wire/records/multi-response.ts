import { ErrorCode } from '../error-code.ts';
import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import {
  type Create2Response,
  type CreateResponse,
  readCreate2Response,
  readCreateResponse,
  writeCreate2Response,
  writeCreateResponse,
} from './create.ts';
import { type ErrorResponse, readErrorResponse, writeErrorResponse } from './error-response.ts';
import {
  type GetChildrenResponse,
  readGetChildrenResponse,
  writeGetChildrenResponse,
} from './get-children.ts';
import { type GetDataResponse, readGetDataResponse, writeGetDataResponse } from './get-data.ts';
import { readMultiHeader, writeMultiEnd, writeMultiHeader } from './multi-header.ts';
import { type SetDataResponse, readSetDataResponse, writeSetDataResponse } from './set-data.ts';

/**
 * The result of one operation of a multi or multiRead. createContainer and createTtl answer as create2.
 * In a failed multi every result is an error: 0 before the operation that failed, −2 behind it.
 */
export type MultiResult =
  | { readonly type: typeof OpCode.create; readonly response: CreateResponse }
  | { readonly type: typeof OpCode.create2; readonly response: Create2Response }
  | { readonly type: typeof OpCode.delete | typeof OpCode.check }
  | { readonly type: typeof OpCode.setData; readonly response: SetDataResponse }
  | { readonly type: typeof OpCode.getData; readonly response: GetDataResponse }
  | { readonly type: typeof OpCode.getChildren; readonly response: GetChildrenResponse }
  | { readonly type: typeof OpCode.error; readonly response: ErrorResponse };

/** @throws WireError `value` for a result no operation of a multi has. */
export function readMultiResponse(reader: JuteReader): MultiResult[] {
  const results: MultiResult[] = [];
  for (;;) {
    const header = readMultiHeader(reader);
    if (header.done) return results;
    results.push(readMultiResult(reader, header.type));
  }
}

export function writeMultiResponse(writer: JuteWriter, results: readonly MultiResult[]): void {
  for (const result of results) {
    writeMultiHeader(writer, result.type, result.type === OpCode.error ? result.response.err : ErrorCode.ok);
    writeMultiResult(writer, result);
  }
  writeMultiEnd(writer);
}

function readMultiResult(reader: JuteReader, type: number): MultiResult {
  switch (type) {
    case OpCode.create:
      return { type, response: readCreateResponse(reader) };
    case OpCode.create2:
      return { type, response: readCreate2Response(reader) };
    case OpCode.delete:
    case OpCode.check:
      return { type };
    case OpCode.setData:
      return { type, response: readSetDataResponse(reader) };
    case OpCode.getData:
      return { type, response: readGetDataResponse(reader) };
    case OpCode.getChildren:
      return { type, response: readGetChildrenResponse(reader) };
    case OpCode.error:
      return { type, response: readErrorResponse(reader) };
    default:
      throw new WireError('value', `result of type ${type} in a multi`);
  }
}

function writeMultiResult(writer: JuteWriter, result: MultiResult): void {
  switch (result.type) {
    case OpCode.create:
      return writeCreateResponse(writer, result.response);
    case OpCode.create2:
      return writeCreate2Response(writer, result.response);
    case OpCode.delete:
    case OpCode.check:
      return;
    case OpCode.setData:
      return writeSetDataResponse(writer, result.response);
    case OpCode.getData:
      return writeGetDataResponse(writer, result.response);
    case OpCode.getChildren:
      return writeGetChildrenResponse(writer, result.response);
    case OpCode.error:
      return writeErrorResponse(writer, result.response);
  }
}
