import type { ServerId } from '../base/server-id.ts';
import type { Limits } from '../pipeline/limits.ts';
import type { ConfigurationFiles } from '../storage/configuration-files.ts';
import type { Membership } from '../zab/membership.ts';

/** What the core of a server has to know of zoo.cfg. Names follow the file's keys (protocol §5.5). */
export interface CoreConfig {
  /** The `version-2` directories of snapshots and logs. */
  readonly snapDir: string;
  readonly logDir: string;
  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly sessionlessTimeoutMs: number;
  readonly juteMaxBufferBytes: number;
  readonly snapCount: number;
  readonly snapSizeLimitBytes: number;
  readonly preAllocSizeBytes: number;
  readonly forceSync: boolean;
  readonly snapshotTrustEmpty: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly enforceQuota: boolean;
  readonly limits: Limits;
  readonly containerCheckIntervalMs: number;
  readonly containerMaxPerMinute: number;
  readonly digestEnabled: boolean;
  readonly skipAcl: boolean;
  readonly reconfigEnabled: boolean;
}

/** And of an ensemble. */
export interface EnsembleCoreConfig {
  readonly myId: ServerId;
  /** At the start. */
  readonly membership: Membership;
  /** Null where the members never change. */
  readonly reconfig: ReconfigCoreConfig | null;
  readonly initLimitMs: number;
  readonly syncLimitMs: number;
  readonly connectToLearnerMasterLimitMs: number;
  readonly cnxTimeoutMs: number;
  readonly quorumCnxnTimeoutMs: number;
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
  readonly leaderServes: boolean;
  /** Whether clients that can do with that are served without a quorum. */
  readonly readOnlyMode: boolean;
  readonly commitLogCount: number;
  /** Of those beyond `commitLogCount`; 16 MiB unless told, for which there is no key. */
  readonly windowBytesMax?: number;
  /** How far the counter of an epoch goes; all of its 32 bits unless told, for which there is no key either. */
  readonly zxidCounterMax?: number;
}

/** Of an ensemble whose members may change while it serves. */
export interface ReconfigCoreConfig {
  readonly files: ConfigurationFiles;
  /** Proposed when this server ended, and perhaps committed since. */
  readonly lastSeen: Membership | null;
  /** Participants that there have to be at least. */
  readonly votersMin: number;
}

/** What a log reader takes: `jute.maxbuffer` and as much again of extra size (protocol §1.1). */
export function txnSizeMaxOf({ juteMaxBufferBytes }: CoreConfig): number {
  return 2 * juteMaxBufferBytes;
}
