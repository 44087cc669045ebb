import type { Ensemble } from '../ensemble/ensemble.ts';
import { EnsembleError } from '../ensemble/ensemble.ts';
import type { HttpLoadReport, Timeline } from '../history/report-schema.ts';
import { HttpLoad } from './http-load.ts';
import { HttpMeter } from './http-meter.ts';
import type { HttpWorkload } from './http-workload.ts';

export interface HttpLoadResult {
  readonly report: HttpLoadReport;
  readonly timeline: Timeline;
}

const INTERVAL_MS = 100;

/** A load on the servers' ports for operators that is under way. */
export class RunningHttpLoad {
  readonly #workload: HttpWorkload;
  readonly #origins: readonly string[];
  readonly #nowMs: () => number;
  readonly #load: HttpLoad;
  #meter = new HttpMeter(INTERVAL_MS);
  #fromMs: number;

  /** @throws EnsembleError where it is not known where a server's port is. */
  constructor(workload: HttpWorkload, { servers }: Pick<Ensemble, 'servers'>, nowMs: () => number) {
    const { port, paths, connections, rate } = workload;
    this.#workload = workload;
    this.#nowMs = nowMs;
    this.#fromMs = nowMs();
    this.#origins = servers.map(({ id, operatorAddresses: { [port]: address } }) => {
      if (address === undefined)
        throw new EnsembleError(`server ${id}: nobody knows where its port for ${port} is`);
      return `http://${address}`;
    });
    this.#load = new HttpLoad({
      origins: this.#origins,
      paths,
      connections,
      rate,
      nowMs,
      onOutcome: (outcome) => this.#meter.add(outcome),
    });
  }

  get ok(): number {
    return this.#meter.ok;
  }

  get failed(): number {
    return this.#meter.failed;
  }

  /** What was measured until now was the warm-up. */
  measure(): void {
    this.#meter.timeline();
    this.#meter = new HttpMeter(INTERVAL_MS);
    this.#fromMs = this.#nowMs();
  }

  async end(): Promise<HttpLoadResult> {
    const seconds = (this.#nowMs() - this.#fromMs) / 1000;
    const meter = this.#meter;
    // What is still answered while it ends is nobody's.
    this.#meter = new HttpMeter(INTERVAL_MS);
    const autocannon = await this.#load.end();
    this.#meter.timeline();
    const { name, doc, paths, connections, rate } = this.#workload;
    return {
      report: {
        name,
        description: doc,
        origins: [...this.#origins],
        paths: [...paths],
        connections: Math.max(connections, this.#origins.length),
        ratePerSecond: rate,
        totals: meter.totals(seconds),
        autocannon,
      },
      timeline: meter.timeline(),
    };
  }
}
