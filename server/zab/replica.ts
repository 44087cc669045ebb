import type { Cancel } from '../base/ports.ts';
import type { Epoch, Zxid } from '../base/zxid.ts';
import type { DiskScript } from '../storage/disk-script.ts';
import type { SnapshotSink } from '../storage/snapshot-reader.ts';
import type { SnapshotSource } from '../storage/snapshot-writer.ts';
import type { TxnWindow } from './txn-window.ts';

/** A snapshot that is being written out. Whoever has it must read it to its end or give it up. */
export interface SnapshotView extends SnapshotSource {
  cancel(): void;
}

/** Takes in a leader's snapshot. Nothing of it is to be seen before `install` has come to its end. */
export interface SnapshotInstallation extends SnapshotSink {
  /** Replaces state and history: durable first, memory second. */
  install(): DiskScript<void>;
}

/**
 * One server's copy of the replicated state, its history and its promises, as the roles of the protocol use
 * them. What is on the disk is never behind what the properties here say.
 */
export interface Replica {
  /** The highest epoch this server has promised to take part in. */
  readonly acceptedEpoch: Epoch;
  /** The epoch of the leader whose history this is. */
  readonly currentEpoch: Epoch;
  /** The last txn in the log. Between two roles it is durable, and the state shows it (P9). */
  readonly lastLogged: Zxid;
  /** Every txn up to this one is on the disk. */
  readonly lastDurable: Zxid;
  /** The state shows every txn up to this one and none above it. */
  readonly lastApplied: Zxid;
  /** Of txns logged and not durable yet. */
  readonly unflushedBytes: number;
  readonly window: TxnWindow;

  /**
   * `isBlank`: this server has voted for nobody, for others have a history and it has none. Who promises its first epoch
   * otherwise is one of those that found the ensemble.
   */
  acceptEpoch(epoch: Epoch, isBlank: boolean): DiskScript<void>;
  enterEpoch(epoch: Epoch): DiskScript<void>;

  /**
   * Logs a txn of the leader. `entry` is copied.
   * @throws WireError if it is not one. RoleEnded if it does not follow the last.
   */
  append(zxid: Zxid, entry: Uint8Array): void;
  /** Everything up to `zxid`, which is durable here, is committed: the state takes it up. */
  applyThrough(zxid: Zxid): void;
  /**
   * Takes back everything above `zxid`. False if there is nothing sound at or below it to go back to: then all is
   * as before.
   * @throws RoleEnded if that very txn is not there: what is left is shorter.
   */
  truncate(zxid: Zxid): DiskScript<boolean>;
  receiveSnapshot(zxid: Zxid): SnapshotInstallation;

  /**
   * Asks for the state as it is when `ready` is called, at once or when whoever asked before has had theirs:
   * there is one view at a time. `ready` is not called after a cancel.
   */
  whenSnapshotMayBegin(ready: () => void): Cancel;
  beginSnapshot(): SnapshotView;
}
