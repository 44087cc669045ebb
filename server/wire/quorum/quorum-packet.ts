import type { Zxid } from '../../base/zxid.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type AuthId, writeAuthId } from './auth-id.ts';

/**
 * What the servers of an ensemble say to each other on the quorum port (protocol §4.2). The stream is
 * ```
 * packet = i32 type ‖ i64 zxid ‖ buf data ‖ vec<Id> authinfo
 * ```
 * one behind the other, with no length before them.
 */
export const PacketType = {
  /** Learner to leader: a client's write, to be proposed. */
  request: 1,
  /** Leader to follower: a txn to be logged and acked. */
  proposal: 2,
  /** Learner to leader: logged up to here; with an epoch's first zxid, NEWLEADER and UPTODATE are done. */
  ack: 3,
  /** Leader to follower: the oldest proposal that is not committed yet is. */
  commit: 4,
  /** Both ways; the learner's carries the sessions that were heard from. */
  ping: 5,
  /** Both ways: whether a session that moved to this learner is still alive. */
  revalidate: 6,
  /** Leader to learner: all that was committed when the learner's oldest open sync was asked has been sent. */
  sync: 7,
  /** Leader to observer: a txn that is committed. */
  inform: 8,
  /** A COMMIT of a reconfig, with the leader that is to come. */
  commitAndActivate: 9,
  /** Leader to learner: what brings it up to this epoch has been sent. */
  newLeader: 10,
  /** The first packet of a follower. */
  followerInfo: 11,
  /** Leader to learner: serve clients from now on. */
  upToDate: 12,
  /** Leader to learner: what follows goes on from your last txn. */
  diff: 13,
  /** Leader to learner: forget what is behind this zxid. */
  trunc: 14,
  /** Leader to learner: forget everything; behind this packet the stream is a snapshot (`snapshot-stream.ts`). */
  snap: 15,
  /** The first packet of an observer. */
  observerInfo: 16,
  /** Leader to learner: the new epoch. */
  leaderInfo: 17,
  /** Learner to leader: that epoch is accepted, and where this learner stands. */
  ackEpoch: 18,
  /** An INFORM of a reconfig, with the leader that is to come. */
  informAndActivate: 19,
} as const;

export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/** The zxid of packets that are about no txn: REQUEST, REVALIDATE, UPTODATE. Not a txn's id. */
export const NO_ZXID = -1 as Zxid;

/** A packet without data and authinfo: ACK, COMMIT, and many more. */
export const EMPTY_PACKET_BYTES = 20;

/** `data`: as it stands in the packet; the entry's bytes for PROPOSAL and INFORM. */
export function writePacket(
  writer: JuteWriter,
  type: PacketType,
  zxid: Zxid,
  data: Uint8Array | null,
  authinfo: readonly AuthId[] | null = null,
): void {
  writer.int(type);
  writer.long(zxid);
  writer.buffer(data);
  writer.vector(authinfo, writeAuthId);
}

/** A packet of a type that has neither data nor authinfo: 20 bytes. */
export function writeEmptyPacket(writer: JuteWriter, type: PacketType, zxid: Zxid): void {
  writer.int(type);
  writer.long(zxid);
  writer.int(-1);
  writer.int(-1);
}

/** Begins a packet whose data is then written in place; `endPacket` wants what is returned. */
export function beginPacket(writer: JuteWriter, type: PacketType, zxid: Zxid): number {
  writer.int(type);
  writer.long(zxid);
  return writer.reserveInt();
}

/** Ends the packet that `beginPacket` began: everything written since is its data. */
export function endPacket(
  writer: JuteWriter,
  begun: number,
  authinfo: readonly AuthId[] | null = null,
): void {
  writer.endFrame(begun);
  writer.vector(authinfo, writeAuthId);
}
