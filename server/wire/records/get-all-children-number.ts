import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

export interface GetAllChildrenNumberRequest {
  readonly path: string;
}

export function readGetAllChildrenNumberRequest(reader: JuteReader): GetAllChildrenNumberRequest {
  return { path: reader.string() };
}

export function writeGetAllChildrenNumberRequest(
  writer: JuteWriter,
  request: GetAllChildrenNumberRequest,
): void {
  writer.string(request.path);
}

export interface GetAllChildrenNumberResponse {
  /** Descendants of every depth, the znode itself not counted. */
  readonly totalNumber: number;
}

export function readGetAllChildrenNumberResponse(reader: JuteReader): GetAllChildrenNumberResponse {
  return { totalNumber: reader.int() };
}

export function writeGetAllChildrenNumberResponse(
  writer: JuteWriter,
  response: GetAllChildrenNumberResponse,
): void {
  writer.int(response.totalNumber);
}
