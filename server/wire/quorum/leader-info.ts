import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** The data of LEADERINFO (protocol §4.2); the packet's zxid is the new epoch << 32. */
export interface LeaderInfo {
  /** `PROTOCOL_VERSION`. */
  readonly protocolVersion: number;
}

export function readLeaderInfo(reader: JuteReader): LeaderInfo {
  return { protocolVersion: reader.int() };
}

export function writeLeaderInfo(writer: JuteWriter, info: LeaderInfo): void {
  writer.int(info.protocolVersion);
}
