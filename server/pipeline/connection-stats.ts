import type { Zxid } from '../base/zxid.ts';

/**
 * What one client and this server said to each other, for `stat` and `cons`. Latencies are whole ms, as everything in
 * Apache is.
 */
export class ConnectionStats {
  received = 0;
  sent = 0;
  /** Of the request answered last; null before the first. */
  lastOpcode: number | null = null;
  /** Of the client's own numbering; −1 before the first. */
  lastCxid = -1;
  lastZxid = -1 as Zxid;
  /** On the monotonic clock. */
  lastResponseAtMs = 0;
  lastLatencyMs = 0;
  minLatencyMs = 0;
  maxLatencyMs = 0;
  #answered = 0;
  #totalLatencyMs = 0;

  get averageLatencyMs(): number {
    return this.#answered === 0 ? 0 : this.#totalLatencyMs / this.#answered;
  }

  onAnswered(opcode: number, xid: number, zxid: Zxid, receivedAtMs: number, nowMs: number): void {
    const latencyMs = Math.floor(nowMs - receivedAtMs);
    this.lastOpcode = opcode;
    // Pings and the like have numbers of their own.
    if (xid >= 0) this.lastCxid = xid;
    this.lastZxid = zxid;
    this.lastResponseAtMs = nowMs;
    this.lastLatencyMs = latencyMs;
    if (this.#answered === 0 || latencyMs < this.minLatencyMs) this.minLatencyMs = latencyMs;
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs;
    this.#answered++;
    this.#totalLatencyMs += latencyMs;
  }

  /** What `crst` does. */
  reset(): void {
    Object.assign(this, new ConnectionStats());
    this.#answered = 0;
    this.#totalLatencyMs = 0;
  }
}
