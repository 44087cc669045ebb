import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

export interface SyncRequest {
  readonly path: string;
}

export function readSyncRequest(reader: JuteReader): SyncRequest {
  return { path: reader.string() };
}

export function writeSyncRequest(writer: JuteWriter, request: SyncRequest): void {
  writer.string(request.path);
}

export interface SyncResponse {
  /** The request's, whether there is such a znode or not. */
  readonly path: string;
}

export function readSyncResponse(reader: JuteReader): SyncResponse {
  return { path: reader.string() };
}

export function writeSyncResponse(writer: JuteWriter, response: SyncResponse): void {
  writer.string(response.path);
}
