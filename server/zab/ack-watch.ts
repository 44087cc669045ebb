import type { Zxid } from '../base/zxid.ts';

/**
 * Tells when a proposal has waited too long for one server's ack (protocol §4.6). It is asked from time to time;
 * twice in a row it must find the same one overdue, for a process that was stopped for a while finds its timers due
 * before the acks that have come in the meantime (M27).
 */
export class AckWatch {
  readonly #limitMs: number;
  /** Proposed and not acknowledged at `#sinceMs`. */
  #awaited: Zxid | null = null;
  #sinceMs = 0;
  #isSuspected = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  isOverdue(state: { readonly acked: Zxid; readonly proposed: Zxid; readonly nowMs: number }): boolean {
    const { acked, proposed, nowMs } = state;
    if (this.#awaited === null || acked >= this.#awaited) {
      this.#awaited = acked < proposed ? proposed : null;
      this.#sinceMs = nowMs;
      this.#isSuspected = false;
      return false;
    }
    if (nowMs - this.#sinceMs <= this.#limitMs) return false;
    const isSure = this.#isSuspected;
    this.#isSuspected = true;
    return isSure;
  }
}
