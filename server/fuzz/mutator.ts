import type { Prng } from '../base/prng.ts';

/** Lengths, counts and ids that have broken somebody. */
const INTS = [
  -1,
  -2,
  0,
  1,
  2,
  3,
  4,
  0x7f,
  0x80,
  0xff,
  0xffff,
  0x7fffffff,
  -0x80000000,
  1 << 20,
  1 << 30,
] as const;
const LENGTH_MAX = 1 << 16;

/** Makes inputs of recorded ones: as structured as they are, and wrong in places. */
export class Mutator {
  readonly random: Prng;
  readonly #corpus: readonly Uint8Array[];

  constructor(random: Prng, corpus: readonly Uint8Array[]) {
    this.random = random;
    this.#corpus = corpus;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)] as T;
  }

  /** One of the recorded inputs, changed in a few places. */
  any(): Uint8Array {
    return this.change(this.pick(this.#corpus));
  }

  change(input: Uint8Array): Uint8Array {
    let changed = input;
    for (let count = 1 + this.random.below(4); count > 0; count--) changed = this.#once(changed);
    return changed.length > LENGTH_MAX ? changed.subarray(0, LENGTH_MAX) : changed;
  }

  #once(input: Uint8Array): Uint8Array {
    const { random } = this;
    switch (random.below(9)) {
      case 0:
        return this.#withByte(input, random.below(256));
      case 1:
        return this.#withByte(input, (input[random.below(input.length || 1)] ?? 0) ^ (1 << random.below(8)));
      case 2:
      case 3:
        return this.#withInt(input, this.pick(INTS));
      case 4:
        // A length that is nearly right.
        return this.#withNearInt(input);
      case 5:
        return input.subarray(0, random.below(input.length + 1));
      case 6:
        return this.#replaced(input, new Uint8Array(0));
      case 7:
        return this.#replaced(input, this.#partOf(input));
      default:
        return this.#replaced(input, this.#partOf(this.pick(this.#corpus)));
    }
  }

  #withByte(input: Uint8Array, byte: number): Uint8Array {
    const changed = input.slice();
    if (changed.length > 0) changed[this.random.below(changed.length)] = byte;
    return changed;
  }

  #withInt(input: Uint8Array, value: number): Uint8Array {
    if (input.length < 4) return input;
    const changed = input.slice();
    new DataView(changed.buffer).setInt32(this.random.below(changed.length - 3), value);
    return changed;
  }

  #withNearInt(input: Uint8Array): Uint8Array {
    if (input.length < 4) return input;
    const changed = input.slice();
    const view = new DataView(changed.buffer);
    const at = this.random.below(changed.length - 3);
    view.setInt32(at, view.getInt32(at) + this.random.below(9) - 4);
    return changed;
  }

  /** Some bytes of the one give way to the other. */
  #replaced(input: Uint8Array, part: Uint8Array): Uint8Array {
    const start = this.random.below(input.length + 1);
    const end = Math.min(input.length, start + this.random.below(17));
    const changed = new Uint8Array(start + part.length + input.length - end);
    changed.set(input.subarray(0, start));
    changed.set(part, start);
    changed.set(input.subarray(end), start + part.length);
    return changed;
  }

  #partOf(input: Uint8Array): Uint8Array {
    const start = this.random.below(input.length + 1);
    return input.slice(start, start + this.random.below(65));
  }
}
