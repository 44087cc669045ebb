import type { KindHistograms } from './generator-messages.ts';
import { LatencyHistogram } from './latency-histogram.ts';

interface Pair {
  readonly response: LatencyHistogram;
  readonly service: LatencyHistogram | null;
}

/** The sums of a phase's interval histograms, by kind of operation. */
export class PhaseHistograms {
  readonly #byKind = new Map<number, Pair>();

  add(kind: number, response: LatencyHistogram, service: LatencyHistogram | null): void {
    const known = this.#byKind.get(kind) ?? this.#make(kind, service !== null);
    known.response.add(response);
    if (service !== null) known.service?.add(service);
  }

  /** Encodes what there is, gives its memory back and starts over. */
  cut(): KindHistograms[] {
    const cut = [...this.#byKind].map(([kind, { response, service }]) => ({
      kind,
      response: response.encode(),
      service: service?.encode() ?? null,
    }));
    for (const { response, service } of this.#byKind.values()) {
      response.destroy();
      service?.destroy();
    }
    this.#byKind.clear();
    return cut;
  }

  #make(kind: number, hasService: boolean): Pair {
    const pair = { response: new LatencyHistogram(), service: hasService ? new LatencyHistogram() : null };
    this.#byKind.set(kind, pair);
    return pair;
  }
}
