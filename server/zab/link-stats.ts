/** What went over the connection of one learner, for operators. */
export class LinkStats {
  /** Monotonic ms. */
  readonly openedAtMs: number;
  received = 0;
  sent = 0;
  /** Of those received: requests of its clients. */
  requests = 0;
  /** Of the last packet that was sent with one; −1 before it. */
  lastZxid = -1;
  /** Packets since everything had been taken by the network last. */
  queued = 0;

  constructor(nowMs: number) {
    this.openedAtMs = nowMs;
  }

  reset(): void {
    this.received = 0;
    this.sent = 0;
    this.requests = 0;
    this.lastZxid = -1;
  }
}
