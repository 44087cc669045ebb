import type { SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import type { ServerConfig } from '../config.ts';
import type { Membership } from '../zab/membership.ts';
import type { ServerStats } from './server-stats.ts';

export type ServerState = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';

/** What operators may see of a running server. Methods compute; fields are read each time. */
export interface ServerView {
  readonly config: ServerConfig;
  readonly stats: ServerStats;
  /** The port that is bound, which config does not know when it says 0. */
  readonly clientPort: number;
  /** `false` while there is no database to ask: starting, or between two leaders. */
  readonly isServing: boolean;
  readonly serverState: ServerState;
  /** 0 on a standalone server. */
  readonly serverId: number;
  readonly lastProcessedZxid: Zxid;
  /** Who leads, as far as this server knows; null on a server that stands alone or looks for a leader. */
  readonly leaderId: number | null;
  /** The newest one that is on the disk; null without any. */
  readonly lastSnapshot: { readonly zxid: Zxid; readonly writtenAtS: number } | null;
  readonly outstandingRequests: number;
  readonly uptimeMs: number;
  readonly tree: TreeCounts;
  readonly watches: WatchesView;
  /** What only a leader knows; null on everybody else. */
  readonly leading: LeadingView | null;
  /** Who belongs to the ensemble now; null on a server that stands alone. */
  readonly membership: Membership | null;
  /** Of an ensemble's server: `leading - broadcast`; null on one that stands alone. */
  readonly peerState: string | null;
  readonly globalSessionCount: number;
  readonly localSessionCount: number;
  readonly connectionCount: number;
  /** May be gone through over several turns: those that are here now, as long as they are when they are reached. */
  connections(): Iterable<ConnectionView>;
  /** Those of all servers. */
  sessions(): Iterable<SessionId>;
  /** Of one of them; 0 if it has ended. */
  sessionTimeoutMs(session: SessionId): number;
  /**
   * Which expire when, on the monotonic clock, earliest first: what is decided by who leads or stands alone, and of its
   * own sessions by who has no quorum.
   */
  sessionExpiries(): Iterable<readonly [number, readonly SessionId[]]>;
  ephemeralOwners(): Iterable<SessionId>;
  ephemeralsOf(session: SessionId): Iterable<string>;
  /** The tree's digest as it was at some zxids of late, oldest first. */
  digests(): Iterable<{ readonly zxid: Zxid; readonly digest: bigint }>;
  /** What the clock on the wall shows when the monotonic one shows this. */
  wallMsOf(monotonicMs: number): number;
  /** Bytes below snapDir and logDir; asks the file system. */
  dataDirSize(): number;
  logDirSize(): number;
  snapDir: string;
  logDir: string;
  /** `null` where the platform does not tell. */
  fileDescriptors(): { readonly open: number; readonly max: number } | null;
}

export interface TreeCounts {
  readonly znodeCount: number;
  /** Data watches and child watches. */
  readonly watchCount: number;
  readonly ephemeralsCount: number;
  /** Sum of the lengths of all paths and data. */
  readonly approximateDataSize: number;
}

/**
 * Watches on data and on existence. The lists may be gone through over several turns: each path, or session, that is
 * there now comes once, with what it has when it is reached, unless it is gone by then.
 */
export interface WatchesView {
  readonly watcherCount: number;
  readonly pathCount: number;
  readonly count: number;
  byPath(): Iterable<readonly [string, Iterable<SessionId>]>;
  bySession(): Iterable<readonly [SessionId, Iterable<string>]>;
}

export interface LeadingView {
  /** Bytes of the txns of this epoch; −1 before the first. */
  readonly proposalSizes: { readonly last: number; readonly min: number; readonly max: number };
  readonly learnerCount: number;
  /** Voters that have the leader's history, without itself. */
  readonly syncedFollowerCount: number;
  /** Of servers that are in no configuration, or not yet. */
  readonly syncedNonVoterCount: number;
  readonly syncedObserverCount: number;
  readonly observers: Iterable<ObserverView>;
  /** `sync`s that are not answered yet. */
  readonly pendingSyncCount: number;
  readonly leadingForMs: number;
}

/** A synchronised observer, as its leader sees it. */
export interface ObserverView {
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** On the clock on the wall. */
  readonly establishedMs: number;
  /** Packets and bytes that the network has not taken; of the packets no fewer than that. */
  readonly queued: number;
  readonly queuedBytes: number;
  readonly received: number;
  readonly sent: number;
  /** Of its clients. */
  readonly requests: number;
  /** The last that it was sent; −1 for none. */
  readonly lastZxid: number;
  resetStats(): void;
}

/** One client connection, with or without a session yet. */
export interface ConnectionView {
  /** As Node prints it. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** It came over TLS. */
  readonly isSecure: boolean;
  /** Requests read and not answered. */
  readonly queued: number;
  readonly received: number;
  readonly sent: number;
  /** 1 while it is read from, plus 4 while output waits for the socket. */
  readonly interestOps: number;
  readonly session: SessionView | null;
  /** On the monotonic clock. */
  readonly lastHeardMs: number;
  resetStats(): void;
}

export interface SessionView {
  readonly sessionId: SessionId;
  /** Four letters, `NA` before the first: CREA, GETD, … */
  readonly lastOperation: string;
  readonly establishedMs: number;
  readonly timeoutMs: number;
  /** -1 before the first. */
  readonly lastCxid: number;
  /** −1 before the first. */
  readonly lastZxid: Zxid;
  /** On a monotonic clock. */
  readonly lastResponseMs: number;
  readonly lastLatencyMs: number;
  readonly minLatencyMs: number;
  readonly averageLatencyMs: number;
  readonly maxLatencyMs: number;
}
