import { Summary } from './summary.ts';

/**
 * What the server counts about itself, fed by the shell and the pipeline: on the hot path every call is a few
 * number updates. `mntr` prints exactly the counters and summaries that exist here, so nothing is registered
 * before something feeds it.
 */
export class ServerStats {
  /** Packets as Apache counts them: every request and four-letter word in, every reply, event and answer out. */
  packetsReceived = 0;
  packetsSent = 0;
  authFailedCount = 0;
  /** What `stmk` sets and `gtmk` shows. Apache's log goes by it; here nothing does. */
  traceMask = 306n;
  /** From a request's arrival to its reply, in whole ms as everything in Apache is, over all requests but pings. */
  readonly latency = new Summary();
  /** Payload bytes of replies; the sizes are -1 until there was one. */
  lastResponseSize = -1;
  minResponseSize = -1;
  maxResponseSize = -1;

  readonly #counters = new Map<string, Counter>();
  readonly #summaries = new Map<string, Summary>();
  readonly #readLatency = this.summary('readlatency', { percentiles: true });
  readonly #updateLatency = this.summary('updatelatency', { percentiles: true });
  readonly #batchSize = this.summary('sync_processor_batch_size');
  readonly #fsyncTime = this.summary('fsynctime');
  readonly #snapshotTime = this.summary('snapshottime');
  readonly #electionTime = this.summary('election_time');

  /** A reply to a request that changed nothing, `latencyMs` after it arrived. */
  readDone(latencyMs: number): void {
    const wholeMs = Math.floor(latencyMs);
    this.latency.add(wholeMs);
    this.#readLatency.add(wholeMs);
  }

  /** A reply to a request that became a transaction. */
  updateDone(latencyMs: number): void {
    const wholeMs = Math.floor(latencyMs);
    this.latency.add(wholeMs);
    this.#updateLatency.add(wholeMs);
  }

  batchWritten(txnCount: number): void {
    this.#batchSize.add(txnCount);
  }

  snapshotWritten(durationMs: number): void {
    this.#snapshotTime.add(Math.round(durationMs));
  }

  electionDone(durationMs: number): void {
    this.#electionTime.add(Math.floor(durationMs));
  }

  /** How many flushes took longer than `fsync.warningthresholdms`. */
  slowFlushCount = 0;

  /** A write to the log with its flush. */
  flushDone(durationMs: number): void {
    this.#fsyncTime.add(Math.round(durationMs));
  }

  responseSent(sizeBytes: number): void {
    this.packetsSent++;
    this.lastResponseSize = sizeBytes;
    if (this.minResponseSize < 0 || sizeBytes < this.minResponseSize) this.minResponseSize = sizeBytes;
    if (sizeBytes > this.maxResponseSize) this.maxResponseSize = sizeBytes;
  }

  /** The counter of this `mntr` name without `zk_`; keep it, and increment it where the thing happens. */
  counter(name: string): Counter {
    let counter = this.#counters.get(name);
    if (counter === undefined) this.#counters.set(name, (counter = { value: 0 }));
    return counter;
  }

  /** The summary of this name; `percentiles` for what Apache calls ADVANCED. */
  summary(name: string, options: { percentiles: boolean } = { percentiles: false }): Summary {
    let summary = this.#summaries.get(name);
    if (summary === undefined) this.#summaries.set(name, (summary = new Summary(options)));
    return summary;
  }

  get counters(): ReadonlyMap<string, Counter> {
    return this.#counters;
  }

  get summaries(): ReadonlyMap<string, Summary> {
    return this.#summaries;
  }

  /** What `srst` resets: packets and latency, not the counters and summaries of `mntr`. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.latency.reset();
  }
}

export interface Counter {
  value: number;
}
