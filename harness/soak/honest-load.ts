import { Client } from '../client/client.ts';
import { LatencyHistogram } from '../load/latency-histogram.ts';

const CLIENTS = 4;
const KEYS_EACH = 16;

export interface HonestResult {
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

/**
 * Clients that want nothing but their due: reads and writes at a fixed rate, each measured from when it was meant to
 * begin. What was acknowledged last is remembered, to be found again at the end.
 */
export class HonestLoad {
  readonly #clients: readonly Client[];
  readonly #ratePerS: number;
  /** By path: the number that was acknowledged last, and those that may have been written since. */
  readonly #acknowledged = new Map<string, number>();
  readonly #sent = new Map<string, number>();
  #histogram = new LatencyHistogram();
  #failures = 0;

  private constructor(clients: readonly Client[], ratePerS: number) {
    this.#clients = clients;
    this.#ratePerS = ratePerS;
  }

  static async start(connectString: string, ratePerS: number): Promise<HonestLoad> {
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => Client.connect({ connectString, sessionTimeoutMs: 20_000 })),
    );
    const load = new HonestLoad(clients, ratePerS);
    await clients[0]?.create('/honest');
    for (const path of load.#paths()) await clients[0]?.create(path, bytesOf(0));
    return load;
  }

  /** @returns the latencies of these seconds, ms, and how many operations failed. */
  async run(seconds: number): Promise<HonestResult> {
    const histogram = new LatencyHistogram();
    this.#histogram = histogram;
    this.#failures = 0;
    const startMs = performance.now();
    const asked: Promise<void>[] = [];
    const total = Math.round(seconds * this.#ratePerS);
    for (let n = 0; n < total; n++) {
      const intendedMs = startMs + (n * 1000) / this.#ratePerS;
      const aheadMs = intendedMs - performance.now();
      // Never before its time: a latency from then on would be too short.
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.ceil(aheadMs)));
      asked.push(this.#operation(n, intendedMs));
    }
    await Promise.all(asked);
    const ms = (percentile: number): number => histogram.raw.getValueAtPercentile(percentile) / 1e6;
    const result = { p50: ms(50), p99: ms(99), failures: this.#failures };
    histogram.destroy();
    return result;
  }

  /** Everything that was acknowledged is there. @returns what is not. */
  async lost(): Promise<string[]> {
    const lost: string[] = [];
    for (const path of this.#paths()) {
      const { data } = (await this.#clients[0]?.getData(path)) ?? { data: null };
      const value = data === null ? -1 : new DataView(data.buffer, data.byteOffset).getInt32(0);
      const [least, most] = [this.#acknowledged.get(path) ?? 0, this.#sent.get(path) ?? 0];
      if (value < least || value > most) lost.push(`${path} is ${value}, acknowledged was ${least}`);
    }
    return lost;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  *#paths(): Iterable<string> {
    for (let key = 0; key < CLIENTS * KEYS_EACH; key++) yield `/honest/${key}`;
  }

  async #operation(n: number, intendedMs: number): Promise<void> {
    const client = this.#clients[n % CLIENTS] as Client;
    // Each key has one client that writes it, so its values are acknowledged in order.
    const key = (n % CLIENTS) + CLIENTS * (Math.floor(n / CLIENTS) % KEYS_EACH);
    const path = `/honest/${key}`;
    try {
      if (n % 3 === 0) {
        const value = (this.#sent.get(path) ?? 0) + 1;
        this.#sent.set(path, value);
        await client.setData(path, bytesOf(value));
        this.#acknowledged.set(path, Math.max(value, this.#acknowledged.get(path) ?? 0));
      } else await client.getData(path);
      this.#histogram.record(Math.round((performance.now() - intendedMs) * 1e6));
    } catch {
      this.#failures++;
    }
  }
}

function bytesOf(value: number): Uint8Array {
  const bytes = new Uint8Array(100);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}
