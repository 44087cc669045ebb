import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

export interface SetDataRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  /** The data version the znode must have; −1 is any. */
  readonly version: number;
}

export function readSetDataRequest(reader: JuteReader): SetDataRequest {
  return { path: reader.string(), data: reader.buffer(), version: reader.int() };
}

export function writeSetDataRequest(writer: JuteWriter, request: SetDataRequest): void {
  writer.string(request.path);
  writer.buffer(request.data);
  writer.int(request.version);
}

export interface SetDataResponse {
  readonly stat: Stat;
}

export function readSetDataResponse(reader: JuteReader): SetDataResponse {
  return { stat: readStat(reader) };
}

export function writeSetDataResponse(writer: JuteWriter, response: SetDataResponse): void {
  writeStat(writer, response.stat);
}
