import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** The body of a failed operation inside a multi, and (with 0) of a successful addWatch. */
export interface ErrorResponse {
  /** An `ErrorCode`. */
  readonly err: number;
}

export function readErrorResponse(reader: JuteReader): ErrorResponse {
  return { err: reader.int() };
}

export function writeErrorResponse(writer: JuteWriter, response: ErrorResponse): void {
  writer.int(response.err);
}
