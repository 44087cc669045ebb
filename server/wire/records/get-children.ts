import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

/** Of getChildren and getChildren2. */
export interface GetChildrenRequest {
  readonly path: string;
  readonly watch: boolean;
}

export function readGetChildrenRequest(reader: JuteReader): GetChildrenRequest {
  return { path: reader.string(), watch: reader.bool() };
}

export function writeGetChildrenRequest(writer: JuteWriter, request: GetChildrenRequest): void {
  writer.string(request.path);
  writer.bool(request.watch);
}

export interface GetChildrenResponse {
  /** Names without the parent's path, in no particular order. */
  readonly children: readonly string[] | null;
}

export function readGetChildrenResponse(reader: JuteReader): GetChildrenResponse {
  return { children: reader.strings() };
}

export function writeGetChildrenResponse(writer: JuteWriter, response: GetChildrenResponse): void {
  writer.strings(response.children);
}

export interface GetChildren2Response {
  readonly children: readonly string[] | null;
  readonly stat: Stat;
}

export function readGetChildren2Response(reader: JuteReader): GetChildren2Response {
  return { children: reader.strings(), stat: readStat(reader) };
}

export function writeGetChildren2Response(writer: JuteWriter, response: GetChildren2Response): void {
  writer.strings(response.children);
  writeStat(writer, response.stat);
}
