import type { ServerId } from '../../base/server-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readServerId } from './server-id.ts';

/** The data of COMMITANDACTIVATE (protocol §4.5). */
export interface CommitAndActivate {
  /** Who leads under the new configuration. */
  readonly designatedLeader: ServerId;
}

export function readCommitAndActivate(reader: JuteReader): CommitAndActivate {
  return { designatedLeader: readServerId(reader) };
}

export function writeCommitAndActivate(writer: JuteWriter, activation: CommitAndActivate): void {
  writer.long(activation.designatedLeader);
}

/** The data of INFORMANDACTIVATE (protocol §4.5). */
export interface InformAndActivate extends CommitAndActivate {
  /** The reconfig's txn entry (§2). When read, a view of the source. */
  readonly entry: Uint8Array;
}

export function readInformAndActivate(reader: JuteReader): InformAndActivate {
  return { designatedLeader: readServerId(reader), entry: reader.rest() };
}

export function writeInformAndActivate(writer: JuteWriter, activation: InformAndActivate): void {
  writer.long(activation.designatedLeader);
  writer.raw(activation.entry);
}
