import type { Epoch, Zxid } from './zxid.ts';

export type ObservedRole = 'looking' | 'following' | 'leading' | 'observing';

/**
 * What a simulation wants to be told the moment it happens, so that it can hold it against what every other
 * server did (docs/ARCHITECTURE.md; reliability §5). A port that is there in no production build: callers hold
 * it as `Observer | null` and write `this.#observer?.onApplied(…)`, which costs them one comparison.
 *
 * Nothing is called that the code does not know anyway, and nothing is copied for it: `entry` is a view of
 * memory that is good during the call only. An entry is `TxnHeader ‖ record ‖ [TxnDigest]`, the bytes of the log
 * and of a PROPOSAL. No call may be answered by changing anything.
 */
export interface Observer {
  /**
   * The disk was read: at the start of the process, and whenever memory is made from the disk again. All three
   * are what the disk holds; `lastLogged` is the last zxid of the log, or that of the snapshot above it.
   */
  onRecovered(lastLogged: Zxid, acceptedEpoch: Epoch, currentEpoch: Epoch): void;
  /**
   * Tree and sessions were made from the disk, at the start or after something was taken back; the digest is of the
   * tree as it is now (D3). `onRecovered` or `onTruncated` follows.
   */
  onLoaded(lastApplied: Zxid, digestHigh: number, digestLow: number): void;
  /** A role begins; the one before it has ended and sends nothing any more. */
  onRole(role: ObservedRole): void;

  /** acceptedEpoch is durable: file, rename and directory. Before the message that depends on it (P2). */
  onEpochAccepted(epoch: Epoch): void;
  /** currentEpoch is durable (P3). */
  onCurrentEpoch(epoch: Epoch): void;
  /**
   * This server tells somebody what its history ends with: as its own vote at the start of an election, in
   * ACKEPOCH, or to itself as a leader in discovery. Whatever it says must be on its disk (P9).
   */
  onHistoryReported(to: 'election' | 'leader', lastLogged: Zxid, currentEpoch: Epoch): void;
  /**
   * ACKEPOCH for `epoch` is about to be sent to `leader`, or counted for itself by a leader (P2). Not for an answer
   * that says that the epoch was accepted before, for that one is not counted.
   */
  onEpochAcknowledged(leader: number, epoch: Epoch): void;

  /** A leader proposes: this entry did not exist before. It is told `onLogged` of it as well (P4, P12). */
  onProposed(zxid: Zxid, entry: Uint8Array): void;
  /** The entry was handed to this server's log, by a proposal of its own, by a leader's, or in a sync (P4). */
  onLogged(zxid: Zxid, entry: Uint8Array): void;
  /** The log, or a snapshot in its place, is durable up to here, and may now be acknowledged (D2). */
  onDurable(upTo: Zxid): void;
  /** The log ends here now, durably: whatever was behind it is gone (TRUNC). */
  onTruncated(to: Zxid): void;
  /** A snapshot that came from the leader takes the place of everything this server had. Not yet durable. */
  onSnapshotReceived(zxid: Zxid): void;

  /** An ACK for `upTo` is about to go to the leader: `upTo` must have been durable before (D1). */
  onAcknowledged(upTo: Zxid): void;
  /** ACK(NEWLEADER) is about to go to the leader; its history up to `lastLogged` and the epoch are durable (P8). */
  onNewLeaderAcknowledged(epoch: Epoch, lastLogged: Zxid): void;
  /** As leader: a quorum has acknowledged NEWLEADER; from here on it may commit (P1, P8). */
  onEstablished(epoch: Epoch, lastLogged: Zxid): void;
  /** As leader: everything up to here is decided (P5). Before anybody is told. */
  onCommitted(upTo: Zxid): void;

  /**
   * The txn is in this server's tree. `digestHigh` and `digestLow` are of the tree after it; both 0 if the
   * server keeps no digest (P7, P10).
   */
  onApplied(zxid: Zxid, digestHigh: number, digestLow: number): void;
  /** The server serves clients from now on (UPTODATE), or no longer. Its tree is at `lastApplied` (P11). */
  onServing(isServing: boolean, lastApplied: Zxid): void;

  /** A whole packet of the quorum protocol is about to be queued, or has come: `type` as on the wire (P6). */
  onPacket(direction: 'out' | 'in', peer: number, type: number, zxid: number): void;
}
