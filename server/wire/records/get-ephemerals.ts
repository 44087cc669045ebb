import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Asks for the ephemerals of the asking session. */
export interface GetEphemeralsRequest {
  /** A string prefix, not a subtree. Null, blank and "/" are all. */
  readonly prefixPath: string | null;
}

export function readGetEphemeralsRequest(reader: JuteReader): GetEphemeralsRequest {
  return { prefixPath: reader.nullableString() };
}

export function writeGetEphemeralsRequest(writer: JuteWriter, request: GetEphemeralsRequest): void {
  writer.string(request.prefixPath);
}

export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[] | null;
}

export function readGetEphemeralsResponse(reader: JuteReader): GetEphemeralsResponse {
  return { ephemerals: reader.strings() };
}

export function writeGetEphemeralsResponse(writer: JuteWriter, response: GetEphemeralsResponse): void {
  writer.strings(response.ephemerals);
}
