import type { LoadClock } from '../load/load-clock.ts';
import { PROBE_OUTCOME } from './probe-record.ts';
import type { ProbeClass, ProbeRecord } from './probe-record.ts';

/** A probe on its way. */
export interface Probe {
  readonly intendedNs: number;
  readonly sentNs: number;
  isOver: boolean;
}

export interface SeriesOptions {
  readonly probeClass: ProbeClass;
  readonly target: number;
  readonly clock: LoadClock;
  readonly deadlineNs: number;
  readonly record: (record: ProbeRecord) => void;
}

/**
 * The probes of one class at one target: one record for each that was intended, whatever becomes of it. Whoever has
 * no answer at the deadline has failed then, and an answer after that changes nothing.
 */
export class ProbeSeries {
  readonly #options: SeriesOptions;
  /** In the order in which they were intended; those that are over are taken out at the next look. */
  #waiting: Probe[] = [];

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#waiting.every(({ isOver }) => isOver);
  }

  sent(intendedNs: number): Probe {
    const probe: Probe = { intendedNs, sentNs: this.#options.clock.nowNs(), isOver: false };
    this.#waiting.push(probe);
    return probe;
  }

  /** It could not be sent when it was meant to be. */
  notConnected(intendedNs: number): void {
    const completedNs = this.#options.clock.nowNs();
    this.#record({ intendedNs, sentNs: NaN, completedNs, outcome: PROBE_OUTCOME.notConnected });
  }

  /** @param err 0, or ZooKeeper's code */
  answered(probe: Probe, err: number): void {
    if (probe.isOver) return;
    const nowNs = this.#options.clock.nowNs();
    if (nowNs - probe.intendedNs > this.#options.deadlineNs) this.#passDeadline(probe);
    else this.#end(probe, nowNs, err);
  }

  /** Ends those whose deadline has passed. */
  look(): void {
    const untilNs = this.#options.clock.nowNs() - this.#options.deadlineNs;
    while (this.#waiting.length > 0) {
      const probe = this.#waiting[0] as Probe;
      if (!probe.isOver) {
        if (probe.intendedNs > untilNs) return;
        this.#passDeadline(probe);
      }
      this.#waiting.shift();
    }
  }

  #passDeadline(probe: Probe): void {
    this.#end(probe, probe.intendedNs + this.#options.deadlineNs, PROBE_OUTCOME.deadlinePassed);
  }

  #end(probe: Probe, completedNs: number, outcome: number): void {
    probe.isOver = true;
    this.#record({ intendedNs: probe.intendedNs, sentNs: probe.sentNs, completedNs, outcome });
  }

  #record(of: Pick<ProbeRecord, 'intendedNs' | 'sentNs' | 'completedNs' | 'outcome'>): void {
    const { probeClass, target, record } = this.#options;
    record({ probeClass, target, ...of });
  }
}
