import type { Epoch } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

const ALREADY_ACKED = -1;

/** The data of ACKEPOCH (protocol §4.3); the packet's zxid is the one the learner has logged last. */
export interface AckEpoch {
  /** Of the last leader this learner has finished synchronising with. Null: it had accepted this epoch before. */
  readonly currentEpoch: Epoch | null;
}

export function readAckEpoch(reader: JuteReader): AckEpoch {
  const epoch = reader.int();
  return { currentEpoch: epoch === ALREADY_ACKED ? null : (epoch as Epoch) };
}

export function writeAckEpoch(writer: JuteWriter, ack: AckEpoch): void {
  writer.int(ack.currentEpoch ?? ALREADY_ACKED);
}
