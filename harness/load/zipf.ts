import type { Prng } from '../../server/base/prng.ts';

/**
 * Draws ranks 0 … count − 1, rank r with a probability proportional to 1 / (r + 1)^theta.
 *
 * By rejection-inversion (W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", 1996): the area under a continuous curve over the law is inverted, and the few points
 * that fall between curve and law are drawn again. Exact for every theta above 0, in constant time and memory.
 */
export class Zipf {
  readonly #count: number;
  readonly #theta: number;
  readonly #areaFirst: number;
  readonly #areaAll: number;
  /** Within this distance of its rank a point is accepted without looking. */
  readonly #safe: number;

  constructor(count: number, theta: number) {
    this.#count = count;
    this.#theta = theta;
    this.#areaFirst = this.#area(1.5) - 1;
    this.#areaAll = this.#area(count + 0.5);
    this.#safe = 2 - this.#areaInverse(this.#area(2.5) - this.#height(2));
  }

  draw(prng: Prng): number {
    for (;;) {
      const area = this.#areaAll + prng.next() * (this.#areaFirst - this.#areaAll);
      const x = this.#areaInverse(area);
      const rank = Math.min(Math.max(Math.floor(x + 0.5), 1), this.#count);
      if (rank - x <= this.#safe || area >= this.#area(rank + 0.5) - this.#height(rank)) return rank - 1;
    }
  }

  #height(x: number): number {
    return Math.exp(-this.#theta * Math.log(x));
  }

  /** The integral of `height` from 1 to x. */
  #area(x: number): number {
    const log = Math.log(x);
    return expm1Ratio((1 - this.#theta) * log) * log;
  }

  #areaInverse(area: number): number {
    const t = Math.max(area * (1 - this.#theta), -1);
    return Math.exp(log1pRatio(t) * area);
  }
}

/** (e^x − 1) / x, and its limit at 0, which is where theta = 1 leads. */
function expm1Ratio(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2;
}

/** ln(1 + x) / x, and its limit at 0. */
function log1pRatio(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2;
}
