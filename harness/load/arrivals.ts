import type { Prng } from '../../server/base/prng.ts';

const NS_PER_S = 1e9;

/**
 * When operations are meant to start. A lane that has room takes the next one that is due; what is due and not
 * taken is the backlog, and nothing else has to be kept of it.
 */
export interface Arrivals {
  /** The intended start of the next operation; Infinity for none. */
  readonly nextNs: number;
  /** Moves on to the one after it. */
  advance(): void;
}

/** `rate` a second from `startNs` on: evenly spaced, or as a Poisson process of that mean. */
export class RateArrivals implements Arrivals {
  nextNs: number;
  readonly #gapNs: number;
  /** Null for even spacing. */
  readonly #prng: Prng | null;

  constructor(options: {
    readonly rate: number;
    readonly arrivals: 'poisson' | 'constant';
    readonly startNs: number;
    readonly prng: Prng;
  }) {
    this.#gapNs = NS_PER_S / options.rate;
    this.#prng = options.arrivals === 'poisson' ? options.prng : null;
    this.nextNs = options.startNs;
    this.advance();
  }

  advance(): void {
    const prng = this.#prng;
    // 1 − x is never 0, so the logarithm is finite.
    this.nextNs += prng === null ? this.#gapNs : -Math.log(1 - prng.next()) * this.#gapNs;
  }
}
