import type { Ensemble } from '../ensemble/ensemble.ts';
import { EnsembleError } from '../ensemble/ensemble.ts';
import type { HttpLoadReport, Timeline } from '../history/report-schema.ts';
import { HttpLoad } from './http-load.ts';
import { HttpMeter } from './http-meter.ts';
import { askTexts, type HttpAsk, type HttpWorkload } from './http-workload.ts';

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
  readonly #load: Promise<HttpLoad>;
  #meter = new HttpMeter(INTERVAL_MS);
  #fromMs: number;

  /** @throws EnsembleError where it is not known where a server's port is. */
  constructor(workload: HttpWorkload, { servers }: Pick<Ensemble, 'servers'>, nowMs: () => number) {
    const { port, asks, prepare, connections, rate } = workload;
    this.#workload = workload;
    this.#nowMs = nowMs;
    this.#fromMs = nowMs();
    this.#origins = servers.map(({ id, operatorAddresses: { [port]: address } }) => {
      if (address === undefined)
        throw new EnsembleError(`server ${id}: nobody knows where its port for ${port} is`);
      return `http://${address}`;
    });
    this.#load = (prepare === undefined ? Promise.resolve() : prepared(prepare, this.#origins)).then(
      () =>
        new HttpLoad({
          origins: this.#origins,
          asks,
          connections,
          rate,
          nowMs,
          onOutcome: (outcome) => this.#meter.add(outcome),
        }),
    );
    // Whoever ends it hears of it.
    this.#load.catch(() => undefined);
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

  /** Rejects with EnsembleError where what it asks for could not be made. */
  async end(): Promise<HttpLoadResult> {
    const seconds = (this.#nowMs() - this.#fromMs) / 1000;
    const meter = this.#meter;
    // What is still answered while it ends is nobody's.
    this.#meter = new HttpMeter(INTERVAL_MS);
    const load = await this.#load;
    const autocannon = await load.end();
    this.#meter.timeline();
    const { name, doc, asks, connections, rate } = this.#workload;
    return {
      report: {
        name,
        description: doc,
        origins: [...this.#origins],
        paths: askTexts(asks),
        connections: Math.max(connections, this.#origins.length),
        ratePerSecond: rate,
        totals: meter.totals(seconds),
        autocannon,
      },
      timeline: meter.timeline(),
    };
  }
}

const CREATED = 201;
const THERE_ALREADY = 409;

/** Of every server, so that each of them has it. */
async function prepared({ method, path, body }: HttpAsk, origins: readonly string[]): Promise<void> {
  for (const origin of origins) {
    const init = { method, headers: { 'content-type': 'application/octet-stream' } };
    const { status } = await fetch(`${origin}${path}`, body === undefined ? init : { ...init, body });
    if (status !== CREATED && status !== THERE_ALREADY)
      throw new EnsembleError(
        `${origin} answers ${method} ${path} by ${status}: what is to be asked for is not there`,
      );
  }
}
