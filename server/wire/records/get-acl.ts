import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Acl, readAcl, writeAcl } from './acl.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

export interface GetAclRequest {
  readonly path: string;
}

export function readGetAclRequest(reader: JuteReader): GetAclRequest {
  return { path: reader.string() };
}

export function writeGetAclRequest(writer: JuteWriter, request: GetAclRequest): void {
  writer.string(request.path);
}

export interface GetAclResponse {
  readonly acl: readonly Acl[] | null;
  readonly stat: Stat;
}

export function readGetAclResponse(reader: JuteReader): GetAclResponse {
  return { acl: reader.vector(readAcl), stat: readStat(reader) };
}

export function writeGetAclResponse(writer: JuteWriter, response: GetAclResponse): void {
  writer.vector(response.acl, writeAcl);
  writeStat(writer, response.stat);
}
