import type { ToxicType } from './toxics/toxic-type.ts';

/** `upstream` is what clients send, `downstream` what they get. */
export type Direction = 'upstream' | 'downstream';

/** A toxic of a proxy, as the API knows it. */
export class Toxic {
  readonly name: string;
  readonly type: ToxicType;
  readonly direction: Direction;
  /** How many toxics of this name the proxy had before: another one under an old name draws anew. */
  readonly generation: number;
  /** Changes in place, under the toxics that read it. */
  readonly attributes: Record<string, number>;
  /** The share of connections it is for, 0 to 1. */
  toxicity: number;
  /** As it was written in the request. */
  readonly #stream: string;

  constructor(options: {
    readonly name: string;
    readonly type: ToxicType;
    readonly direction: Direction;
    readonly stream: string;
    readonly toxicity: number;
    readonly attributes: Readonly<Record<string, number>>;
    readonly generation: number;
  }) {
    const { name, type, direction, stream, toxicity, attributes, generation } = options;
    this.name = name;
    this.type = type;
    this.direction = direction;
    this.generation = generation;
    this.toxicity = toxicity;
    this.attributes = { ...attributes };
    this.#stream = stream;
  }

  toJSON(): unknown {
    const { attributes, name, type, toxicity } = this;
    return { attributes, name, type: type.name, stream: this.#stream, toxicity: shortestFloat32(toxicity) };
  }
}

/** Toxiproxy keeps a toxicity in 32 bits and prints the shortest number that stands for them. */
function shortestFloat32(value: number): number {
  const rounded = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(rounded.toPrecision(digits));
    if (Math.fround(short) === rounded) return short;
  }
  return rounded;
}
