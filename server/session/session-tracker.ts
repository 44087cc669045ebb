import type { SessionId } from '../base/session-id.ts';
import { ExpiryQueue } from './expiry-queue.ts';

interface Session {
  readonly id: SessionId;
  timeoutMs: number;
  /** Its closeSession has been proposed: nothing more is accepted from it. */
  isClosing: boolean;
}

/**
 * The sessions there are (replicated: they come and go with txns) and when each would expire (not replicated:
 * every session gets its full timeout again after a restart or an election).
 */
export class SessionTracker {
  readonly #sessions = new Map<SessionId, Session>();
  readonly #expiry: ExpiryQueue<Session>;
  /** The one that was asked about last: requests come many at a time from the same, and a bigint's look-up is slow. */
  #recent: Session | undefined;

  constructor(options: { readonly tickMs: number; readonly nowMs: number }) {
    this.#expiry = new ExpiryQueue(options.tickMs, options.nowMs);
  }

  /** A createSession txn was applied, or the session stood in a snapshot. */
  add(id: SessionId, timeoutMs: number, nowMs: number): void {
    let session = this.#sessions.get(id);
    if (session === undefined) {
      session = { id, timeoutMs, isClosing: false };
      this.#sessions.set(id, session);
    } else session.timeoutMs = timeoutMs;
    this.#expiry.update(session, timeoutMs, nowMs);
  }

  /** A closeSession txn was applied. */
  remove(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#recent = undefined;
    this.#expiry.remove(session);
  }

  /** Something came from the session. False if it is unknown or closing. */
  touch(id: SessionId, nowMs: number): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || session.isClosing) return false;
    this.#expiry.update(session, session.timeoutMs, nowMs);
    return true;
  }

  /** The session's client came back and asked for another timeout. */
  reattach(id: SessionId, timeoutMs: number, nowMs: number): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || session.isClosing) return false;
    session.timeoutMs = timeoutMs;
    return this.touch(id, nowMs);
  }

  isAlive(id: SessionId): boolean {
    if (this.#recent?.id !== id) this.#recent = this.#sessions.get(id);
    return this.#recent?.isClosing === false;
  }

  /** ms; 0 for a session there is not. */
  timeoutOf(id: SessionId): number {
    return this.#sessions.get(id)?.timeoutMs ?? 0;
  }

  markClosing(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) session.isClosing = true;
  }

  /** Sessions that nothing was heard of for their timeout. Each is returned once, as closing. */
  expire(nowMs: number): SessionId[] {
    const expired: SessionId[] = [];
    for (const session of this.#expiry.poll(nowMs)) {
      session.isClosing = true;
      expired.push(session.id);
    }
    return expired;
  }

  /**
   * Everybody gets the full timeout again: this server has just taken over. Who was being closed before and is still
   * here was not closed after all.
   */
  restartClocks(nowMs: number): void {
    for (const session of this.#sessions.values()) {
      session.isClosing = false;
      this.#expiry.update(session, session.timeoutMs, nowMs);
    }
  }

  has(id: SessionId): boolean {
    return this.#sessions.has(id);
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Which sessions expire when (monotonic ms) if nothing more is heard of them, earliest first. */
  *expiries(): Generator<readonly [number, readonly SessionId[]]> {
    for (const [atMs, sessions] of this.#expiry.buckets()) yield [atMs, [...sessions].map(({ id }) => id)];
  }

  ids(): Iterable<SessionId> {
    return this.#sessions.keys();
  }

  /** Ids with timeouts, for a snapshot. */
  *timeouts(): Generator<readonly [SessionId, number]> {
    for (const { id, timeoutMs } of this.#sessions.values()) yield [id, timeoutMs];
  }
}
