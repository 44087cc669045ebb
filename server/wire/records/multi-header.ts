import { OpCode } from '../opcode.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Stands before each operation and each result of a multi, and (with `done`) behind the last. */
export interface MultiHeader {
  readonly type: number;
  readonly done: boolean;
  /** −1 in requests, an `ErrorCode` in responses. */
  readonly err: number;
}

export function readMultiHeader(reader: JuteReader): MultiHeader {
  return { type: reader.int(), done: reader.bool(), err: reader.int() };
}

export function writeMultiHeader(writer: JuteWriter, type: number, err: number): void {
  writer.int(type);
  writer.bool(false);
  writer.int(err);
}

export function writeMultiEnd(writer: JuteWriter): void {
  writer.int(OpCode.error);
  writer.bool(true);
  writer.int(-1);
}
