import autocannon from 'autocannon';
import type { HttpOutcome } from './http-meter.ts';
import type { HttpAsk } from './http-workload.ts';

export interface HttpLoadOptions {
  /** Of the servers, without a path. */
  readonly origins: readonly string[];
  readonly asks: readonly HttpAsk[];
  readonly connections: number;
  /** Requests a second in all; null: as fast as they are answered. */
  readonly rate: number | null;
  readonly nowMs: () => number;
  readonly onOutcome: (outcome: HttpOutcome) => void;
}

/** What autocannon itself says of a load. */
export interface AutocannonSummary {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly answered2xx: number;
  readonly answeredOther: number;
  readonly errors: number;
  readonly timeouts: number;
}

/** Longer than any run; it is ended. */
const FOREVER_S = 10 * 86_400;
const OCTETS = { 'content-type': 'application/octet-stream' };
const TIMEOUT_S = 10;
/** How soon it notices that it is to end. */
const SAMPLE_MS = 100;

/** Requests from now on, until it is ended. */
export class HttpLoad {
  readonly #instance: autocannon.Instance;
  readonly #ended: Promise<autocannon.Result>;

  constructor({ origins, asks, connections, rate, nowMs, onOutcome }: HttpLoadOptions) {
    const settings = {
      url: [...origins],
      connections: Math.max(connections, origins.length),
      duration: FOREVER_S,
      timeout: TIMEOUT_S,
      sampleInt: SAMPLE_MS,
      requests: asks.map((ask) => ({ ...ask, headers: ask.body === undefined ? {} : OCTETS })),
      // Its correction puts in requests that were never sent, at multiples of whole seconds.
      ...(rate === null ? {} : { overallRate: rate, ignoreCoordinatedOmission: true }),
    };
    const { instance, ended } = start(settings);
    this.#instance = instance;
    this.#ended = ended;
    this.#instance.on('response', (_client, status, _bytes, tookMs) =>
      onOutcome({ atMs: nowMs(), tookMs, error: status === 200 ? null : `HTTP ${status}` }),
    );
    this.#instance.on('reqError', (error: Error) =>
      onOutcome({ atMs: nowMs(), tookMs: 0, error: errorName(error) }),
    );
  }

  async end(): Promise<AutocannonSummary> {
    (this.#instance as unknown as { stop(): void }).stop();
    const result = await this.#ended;
    return {
      requestsPerSecond: result.requests.average,
      bytesPerSecond: result.throughput.average,
      answered2xx: result['2xx'],
      answeredOther: result.non2xx,
      errors: result.errors,
      timeouts: result.timeouts,
    };
  }
}

/** Its types know of one URL only. */
function start(settings: object): {
  readonly instance: autocannon.Instance;
  readonly ended: Promise<autocannon.Result>;
} {
  const begun: autocannon.Instance[] = [];
  const ended = new Promise<autocannon.Result>((resolve, reject) => {
    begun.push(
      autocannon(settings as autocannon.Options, (error: Error | null, result) => {
        if (error === null) resolve(result);
        else reject(error);
      }),
    );
  });
  return { instance: begun[0] as autocannon.Instance, ended };
}

function errorName(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
