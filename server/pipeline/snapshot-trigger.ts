import type { Prng } from '../base/prng.ts';

/**
 * When to take a snapshot and begin a new log file: after `snapCount` txns or `snapSizeBytes` of log, either
 * of them drawn anew each time between half and the whole, so that the servers of an ensemble don't all take
 * theirs at once (`SyncRequestProcessor`, protocol §3.4).
 */
export class SnapshotTrigger {
  readonly #snapCount: number;
  readonly #snapSizeBytes: number;
  readonly #random: Prng;
  #txns = 0;
  #txnsAtMost = 0;
  #bytesAtMost = 0;

  /**
   * `snapSizeBytes` 0 or less: no such limit. `replayedTxns`: how many txns recovery found above the snapshot it
   * loaded. They count: a server that is killed again and again before it has taken `snapCount` txns would else
   * never take a snapshot, and replay more each time.
   */
  constructor(options: {
    readonly snapCount: number;
    readonly snapSizeBytes: number;
    readonly replayedTxns: number;
    readonly random: Prng;
  }) {
    this.#snapCount = options.snapCount;
    this.#snapSizeBytes = options.snapSizeBytes;
    this.#random = options.random;
    this.reset();
    this.#txns = options.replayedTxns;
  }

  /** One more txn; `logBytes` is how much the current log file holds. True when a snapshot is due. */
  onTxn(logBytes: number): boolean {
    this.#txns++;
    return this.#txns > this.#txnsAtMost || (this.#snapSizeBytes > 0 && logBytes > this.#bytesAtMost);
  }

  reset(): void {
    this.#txns = 0;
    this.#txnsAtMost = this.#snapCount / 2 + this.#random.next() * (this.#snapCount / 2);
    this.#bytesAtMost = this.#snapSizeBytes / 2 + this.#random.next() * (this.#snapSizeBytes / 2);
  }
}
