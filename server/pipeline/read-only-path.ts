import { unreachable } from '../base/assert.ts';
import type { SessionId } from '../base/session-id.ts';
import type { Turn } from '../base/turn.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { PendingWrite } from './pending-write.ts';
import type { WritePath } from './write-path.ts';

/**
 * Of sessions that have ended here, how long and how many of them are known. A client comes back within seconds. One
 * that is forgotten is like one that was never here, of which nothing is said: its client goes on looking, and is told
 * by the others once there is a quorum. Nobody is told of an end that was none.
 */
export const ENDED_KEPT_MS: number = 10 * 60_000;
export const ENDED_COUNT_MAX = 10_000;

/**
 * The way of a server without a quorum, which serves reads (protocol §1.10): nothing is written. Sessions are of this
 * server alone, in no log and no snapshot, and end with its read-only mode at the latest.
 */
export class ReadOnlyPath implements WritePath {
  readonly #sessions: SessionTracker;
  readonly #turn: Turn;
  /** Were here, and when they ended (monotonic ms), earliest first. */
  readonly #ended = new Map<SessionId, number>();

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
    if (!this.#sessions.has(session)) return;
    this.#sessions.remove(session);
    this.#ended.set(session, this.#turn.nowMs);
    this.#forgetEnded();
  }

  /** How many are known that were here and have ended. */
  get endedCount(): number {
    return this.#ended.size;
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
    this.#forgetEnded();
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

  #forgetEnded(): void {
    const endedBefore = this.#turn.nowMs - ENDED_KEPT_MS;
    for (const [session, atMs] of this.#ended) {
      if (this.#ended.size <= ENDED_COUNT_MAX && atMs >= endedBefore) return;
      this.#ended.delete(session);
    }
  }
}
