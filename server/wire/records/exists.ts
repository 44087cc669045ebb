import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

export interface ExistsRequest {
  readonly path: string;
  readonly watch: boolean;
}

export function readExistsRequest(reader: JuteReader): ExistsRequest {
  return { path: reader.string(), watch: reader.bool() };
}

export function writeExistsRequest(writer: JuteWriter, request: ExistsRequest): void {
  writer.string(request.path);
  writer.bool(request.watch);
}

export interface ExistsResponse {
  readonly stat: Stat;
}

export function readExistsResponse(reader: JuteReader): ExistsResponse {
  return { stat: readStat(reader) };
}

export function writeExistsResponse(writer: JuteWriter, response: ExistsResponse): void {
  writeStat(writer, response.stat);
}
