const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/**
 * The one source of randomness: everything a run draws comes from its seed, so that the seed is enough to do it
 * again. Xoshiro128** by Blackman and Vigna (32-bit words, period 2^128 − 1), its state spread from the seed by
 * SplitMix32 so that neighbouring seeds have nothing in common. Not for secrets.
 */
export class Prng {
  // Plain fields and not #private ones: this is drawn from several times for each operation of a load.
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** `seed`: any finite number; what counts is its value modulo 2^64 as an integer. */
  constructor(seed: number) {
    const low = seed >>> 0;
    const high = Math.floor(seed / TWO_32) >>> 0;
    const spread = splitMix32(low ^ Math.imul(high, 0x9e3779b1));
    this.a = spread();
    this.b = spread();
    this.c = spread() ^ high;
    // The state must not be all zero, for it would stay so.
    this.d = spread() | 1;
  }

  /** 32 random bits, as an unsigned integer. */
  uint32(): number {
    const { b } = this;
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    this.c ^= this.a;
    this.d ^= b;
    this.b = b ^ this.c;
    this.a ^= this.d;
    this.c ^= b << 9;
    this.d = rotateLeft(this.d, 11);
    return scrambled;
  }

  /** A fraction, 0 ≤ x < 1, with 53 random bits. */
  next(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / TWO_53;
  }

  /** An integer, 0 ≤ n < bound; `bound` is at most 2^32. Its bias is below bound / 2^53. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /**
   * A generator of its own for the part called `label`. It depends on what this one has drawn so far and on the
   * label, and draws nothing from this one: what one part does cannot shift what another one gets.
   */
  fork(label: string | number): Prng {
    const text = String(label);
    let hash = 0x811c9dc5 ^ this.a;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return new Prng((hash >>> 0) * 2 ** 21 + ((this.b ^ this.c ^ this.d) >>> 11));
  }

  /** The items in an order drawn evenly from all there are. */
  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }
}

function rotateLeft(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count));
}

function splitMix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
}
