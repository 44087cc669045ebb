import type { ServerId } from '../../base/server-id.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { epochOf, type Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import { readElectionLong } from './i64.ts';

/** What a server of an ensemble is doing, as it says in its notifications. */
export const PeerState = { looking: 0, following: 1, leading: 2, observing: 3 } as const;

export type PeerState = (typeof PeerState)[keyof typeof PeerState];

/** Longest body; a longer one ends the connection. */
export const NOTIFICATION_BYTES_MAX = 512 << 10;

const NOTIFICATION_VERSION = 2;
const BODY_BYTES_WITHOUT_EPOCH = 28;
const BODY_BYTES_WITHOUT_VERSION = 40;

/** What one server tells another about its vote (protocol §5.2). */
export interface Notification {
  /** The sender's. */
  readonly state: PeerState;
  /** Who should lead, or does. `NO_VOTE`, here and in the two below, from a server that has no vote. */
  readonly leader: ServerId;
  /** The last one logged by that leader when it entered the election. */
  readonly zxid: Zxid;
  /** The round of the election. */
  readonly electionEpoch: number;
  /** The leader's epoch: its current one in an election, the new one once it is established. */
  readonly peerEpoch: number;
  /** Of the format: 0 before 3.4.6, 1 before configurations were in it, 2 since. */
  readonly version: number;
  /** The sender's committed configuration; null before version 2. */
  readonly config: string | null;
}

/**
 * Reads a body, to the reader's end.
 * @throws WireError when it is none that Apache's servers would take.
 */
export function readNotification(reader: JuteReader): Notification {
  const length = reader.remaining;
  const state = stateOf(reader.int());
  const leader = readElectionLong(reader) as ServerId;
  const zxid = readElectionLong(reader) as Zxid;
  const electionEpoch = readElectionLong(reader);
  const vote = { state, leader, zxid, electionEpoch };
  if (length === BODY_BYTES_WITHOUT_EPOCH) {
    return { ...vote, peerEpoch: epochOf(zxid), version: 0, config: null };
  }
  const peerEpoch = readElectionLong(reader);
  const version = reader.int();
  // The format that had this length ended in a number that was no version.
  if (length === BODY_BYTES_WITHOUT_VERSION) return { ...vote, peerEpoch, version: 0, config: null };
  return { ...vote, peerEpoch, version, config: version < NOTIFICATION_VERSION ? null : readConfig(reader) };
}

/** Writes a body in the full format. `version` is not looked at. */
export function writeNotification(writer: JuteWriter, notification: Notification): void {
  writer.int(notification.state);
  writer.long(notification.leader);
  writer.long(notification.zxid);
  writer.long(notification.electionEpoch);
  writer.long(notification.peerEpoch);
  writer.int(NOTIFICATION_VERSION);
  writer.string(notification.config ?? '');
}

function stateOf(value: number): PeerState {
  if (value < PeerState.looking || value > PeerState.observing) {
    throw new WireError('value', `${value} is no state of a server`);
  }
  return value as PeerState;
}

function readConfig(reader: JuteReader): string {
  const length = reader.peekInt();
  if (length < 0) throw new WireError('length', `a configuration of ${length} bytes`);
  const bytes = reader.buffer() as Uint8Array;
  return decodeUtf8(bytes, 0, bytes.length);
}
