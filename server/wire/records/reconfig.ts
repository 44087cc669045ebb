import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Either `joiningServers` and `leavingServers` (incremental) or `newMembers`; the others are null. */
export interface ReconfigRequest {
  readonly joiningServers: string | null;
  readonly leavingServers: string | null;
  readonly newMembers: string | null;
  /** The version the current configuration must have; −1 is any. */
  readonly curConfigId: number;
}

export function readReconfigRequest(reader: JuteReader): ReconfigRequest {
  return {
    joiningServers: reader.nullableString(),
    leavingServers: reader.nullableString(),
    newMembers: reader.nullableString(),
    curConfigId: reader.long(),
  };
}

export function writeReconfigRequest(writer: JuteWriter, request: ReconfigRequest): void {
  writer.string(request.joiningServers);
  writer.string(request.leavingServers);
  writer.string(request.newMembers);
  writer.long(request.curConfigId);
}
