import { unreachable } from '../base/assert.ts';
import type { SessionId } from '../base/session-id.ts';
import type { Turn } from '../base/turn.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { PendingWrite } from './pending-write.ts';
import type { WritePath } from './write-path.ts';

/**
 * The way of a server without a quorum, which serves reads (protocol §1.10): nothing is written. Sessions are of this
 * server alone, in no log and no snapshot, and end with its read-only mode at the latest.
 */
export class ReadOnlyPath implements WritePath {
  readonly #sessions: SessionTracker;
  readonly #turn: Turn;
  /** Were here, and have expired. */
  readonly #ended = new Set<SessionId>();

  /** `sessions`: empty, and for nobody else's use. */
  constructor({ sessions, turn }: { readonly sessions: SessionTracker; readonly turn: Turn }) {
    this.#sessions = sessions;
    this.#turn = turn;
  }

  submit(): PendingWrite {
    return unreachable('a write where nothing is written');
  }

  createSession(session: SessionId, timeoutMs: number): boolean {
    this.#sessions.add(session, timeoutMs, this.#turn.nowMs);
    return true;
  }

  /** Of a session that was never here nobody here knows whether it has ended. */
  reattach(session: SessionId, timeoutMs: number): boolean | 'unknown' {
    if (this.#sessions.reattach(session, timeoutMs, this.#turn.nowMs)) return true;
    return this.#ended.has(session) ? false : 'unknown';
  }

  closeSession(session: SessionId): void {
    this.#sessions.remove(session);
    this.#ended.add(session);
  }

  sync(): boolean {
    return true;
  }

  touch(session: SessionId): void {
    this.#sessions.touch(session, this.#turn.nowMs);
  }

  expire(): readonly SessionId[] {
    const expired = this.#sessions.expire(this.#turn.nowMs);
    for (const session of expired) this.closeSession(session);
    return expired;
  }

  reap(): void {
    // Containers wait for a quorum.
  }

  beginApplying(): void {
    // Nothing is applied.
  }

  onApplied(): void {
    // Nothing was.
  }

  flush(): void {
    // Nothing was written.
  }
}
