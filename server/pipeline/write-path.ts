import type { SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import type { ClientConnection } from './client-connection.ts';
import type { PendingWrite } from './pending-write.ts';

/** Of a client's request, besides its body. */
export interface ClientRequest {
  readonly connection: ClientConnection;
  readonly xid: number;
  readonly opcode: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * The way from a client's request to a txn in everybody's log, which depends on a server's role: who stands
 * alone or leads proposes (`Proposer`), who follows forwards to the leader (`Forwarder`).
 */
export interface WritePath {
  /**
   * Takes a request of a write type; its answer comes when its txn is applied.
   * @throws WireError if it can't be read; then it has left no trace (trap 83).
   */
  submit(request: ClientRequest, reader: JuteReader): PendingWrite;
  /** Whether the session is there at once. Otherwise it is when its txn is applied. */
  createSession(session: SessionId, timeoutMs: number): boolean;
  /**
   * Whether a session may go on here. Null: the others are asked, and `onRevalidated` will tell. `unknown`: there is
   * nobody to ask, and nothing to say.
   */
  reattach(session: SessionId, timeoutMs: number): boolean | 'unknown' | null;
  /** Whether a `sync` may be answered at once. If not, `onSynced` tells when the oldest one may. */
  sync(session: SessionId, xid: number): boolean;
  /** Something came from the session. */
  touch(session: SessionId): void;
  /**
   * Ends the sessions that nothing was heard of. Called at the end of a turn, about once a tick. @returns those that
   * have ended at once; others have when their txns are applied.
   */
  expire(): readonly SessionId[];
  /** Deletes containers and TTL nodes whose time is over, at most so many. */
  reap(countMax: number): void;
  /** The oldest txn that is logged and not applied is applied next; `onApplied` follows. */
  beginApplying(): void;
  /** The state shows everything up to this txn. */
  onApplied(zxid: Zxid): void;
  /** At the end of the turn. */
  flush(): void;
}
