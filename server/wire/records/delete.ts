import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

export interface DeleteRequest {
  readonly path: string;
  /** The data version the znode must have; −1 is any. */
  readonly version: number;
}

export function readDeleteRequest(reader: JuteReader): DeleteRequest {
  return { path: reader.string(), version: reader.int() };
}

export function writeDeleteRequest(writer: JuteWriter, request: DeleteRequest): void {
  writer.string(request.path);
  writer.int(request.version);
}

/** What the leader's cleaner submits for an empty container and for a TTL znode that is due. */
export interface DeleteContainerRequest {
  readonly path: string;
}

export function readDeleteContainerRequest(reader: JuteReader): DeleteContainerRequest {
  return { path: reader.string() };
}

export function writeDeleteContainerRequest(writer: JuteWriter, request: DeleteContainerRequest): void {
  writer.string(request.path);
}
