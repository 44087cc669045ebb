import type { ServerId } from '../../base/server-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readServerId } from './server-id.ts';

/** What every server since 3.4 says. Below it there is neither LEADERINFO nor ACKEPOCH. */
export const PROTOCOL_VERSION = 0x10000;

/** The data of FOLLOWERINFO and OBSERVERINFO (protocol §4.2), 20 bytes; the packet's zxid is acceptedEpoch << 32. */
export interface LearnerInfo {
  readonly serverId: ServerId;
  /** Null from a learner that does not know the field; it and what follows are left out. */
  readonly protocolVersion: number | null;
  /** Of the configuration the learner has last made its own. Null as above. */
  readonly configVersion: number | null;
}

export function readLearnerInfo(reader: JuteReader): LearnerInfo {
  return {
    serverId: readServerId(reader),
    protocolVersion: reader.remaining === 0 ? null : reader.int(),
    configVersion: reader.remaining === 0 ? null : reader.long(),
  };
}

export function writeLearnerInfo(writer: JuteWriter, info: LearnerInfo): void {
  writer.long(info.serverId);
  if (info.protocolVersion === null) return;
  writer.int(info.protocolVersion);
  if (info.configVersion !== null) writer.long(info.configVersion);
}
