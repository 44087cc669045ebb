import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Acl, readAcl, writeAcl } from './acl.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

export interface SetAclRequest {
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  /** The ACL version (`aversion`) the znode must have; −1 is any. */
  readonly version: number;
}

export function readSetAclRequest(reader: JuteReader): SetAclRequest {
  return { path: reader.string(), acl: reader.vector(readAcl), version: reader.int() };
}

export function writeSetAclRequest(writer: JuteWriter, request: SetAclRequest): void {
  writer.string(request.path);
  writer.vector(request.acl, writeAcl);
  writer.int(request.version);
}

export interface SetAclResponse {
  readonly stat: Stat;
}

export function readSetAclResponse(reader: JuteReader): SetAclResponse {
  return { stat: readStat(reader) };
}

export function writeSetAclResponse(writer: JuteWriter, response: SetAclResponse): void {
  writeStat(writer, response.stat);
}
