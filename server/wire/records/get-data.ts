import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

export interface GetDataRequest {
  readonly path: string;
  readonly watch: boolean;
}

export function readGetDataRequest(reader: JuteReader): GetDataRequest {
  return { path: reader.string(), watch: reader.bool() };
}

export function writeGetDataRequest(writer: JuteWriter, request: GetDataRequest): void {
  writer.string(request.path);
  writer.bool(request.watch);
}

/** Also of reconfig, where the data is the new configuration's text. */
export interface GetDataResponse {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

export function readGetDataResponse(reader: JuteReader): GetDataResponse {
  return { data: reader.buffer(), stat: readStat(reader) };
}

export function writeGetDataResponse(writer: JuteWriter, response: GetDataResponse): void {
  writer.buffer(response.data);
  writeStat(writer, response.stat);
}
