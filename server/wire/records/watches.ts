import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** `mode` of an `AddWatchRequest`; anything else is answered with −5. */
export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const;

export interface AddWatchRequest {
  readonly path: string;
  readonly mode: number;
}

export function readAddWatchRequest(reader: JuteReader): AddWatchRequest {
  return { path: reader.string(), mode: reader.int() };
}

export function writeAddWatchRequest(writer: JuteWriter, request: AddWatchRequest): void {
  writer.string(request.path);
  writer.int(request.mode);
}

/** `type` of `CheckWatchesRequest` and `RemoveWatchesRequest`; anything else is answered with −5. */
export const WatcherType = {
  children: 1,
  data: 2,
  any: 3,
  persistent: 4,
  persistentRecursive: 5,
} as const;

export interface CheckWatchesRequest {
  readonly path: string;
  readonly type: number;
}

export function readCheckWatchesRequest(reader: JuteReader): CheckWatchesRequest {
  return { path: reader.string(), type: reader.int() };
}

export function writeCheckWatchesRequest(writer: JuteWriter, request: CheckWatchesRequest): void {
  writer.string(request.path);
  writer.int(request.type);
}

export interface RemoveWatchesRequest {
  readonly path: string;
  readonly type: number;
}

export function readRemoveWatchesRequest(reader: JuteReader): RemoveWatchesRequest {
  return { path: reader.string(), type: reader.int() };
}

export function writeRemoveWatchesRequest(writer: JuteWriter, request: RemoveWatchesRequest): void {
  writer.string(request.path);
  writer.int(request.type);
}
