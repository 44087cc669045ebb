import type { Prng } from '../../../server/base/prng.ts';
import type { SingleWriteOp } from '../../model/write-op.ts';
import type { RequestOp } from '../../model/request-op.ts';

const KINDS = [
  'create',
  'createEphemeral',
  'createSequential',
  'delete',
  'setData',
  'setAcl',
  'multi',
  'getData',
  'exists',
  'getChildren',
  'sync',
] as const;
type Kind = (typeof KINDS)[number];

/** What the clients of one seed do. */
export interface WorkloadOptions {
  readonly weights: Readonly<Record<Kind, number>>;
  /** Znodes to work on: `/a` … and their children. */
  readonly names: number;
  /** 1 for all alike; the higher, the more of the work is on a few. */
  readonly skew: number;
  readonly dataBytesMax: number;
  readonly watchShare: number;
  readonly conditionalShare: number;
}

/** Each kind is left out with p = 0.5, so that it is not always drowned by the others (reliability §6.6). */
export function drawWorkload(prng: Prng): WorkloadOptions {
  const weights = {} as Record<Kind, number>;
  for (const kind of KINDS) weights[kind] = prng.next() < 0.5 ? 0 : 1 + prng.below(20);
  // Without these a run would be about nothing.
  weights.create ||= 4;
  weights.setData ||= 4;
  return {
    weights,
    names: 1 + prng.below(prng.next() < 0.5 ? 4 : 40),
    skew: 1 + 3 * prng.next(),
    dataBytesMax: [0, 10, 100, 1000, prng.next() < 0.2 ? 20_000 : 3000][prng.below(5)] as number,
    watchShare: prng.next() < 0.5 ? 0 : prng.next(),
    conditionalShare: prng.next() < 0.5 ? 0 : prng.next() / 2,
  };
}

/** Draws one operation after the other. */
export class SimWorkload {
  readonly #options: WorkloadOptions;
  readonly #prng: Prng;
  readonly #total: number;

  constructor(options: WorkloadOptions, prng: Prng) {
    this.#options = options;
    this.#prng = prng;
    this.#total = KINDS.reduce((sum, kind) => sum + options.weights[kind], 0);
  }

  next(): RequestOp {
    const kind = this.#kind();
    switch (kind) {
      case 'multi':
        return { f: 'multi', ops: Array.from({ length: 1 + this.#prng.below(4) }, () => this.#part()) };
      case 'getData':
      case 'exists':
      case 'getChildren':
        return { f: kind, path: this.#path(), watch: this.#prng.next() < this.#options.watchShare };
      case 'sync':
        return { f: 'sync', path: '/' };
      default:
        return this.#write(kind);
    }
  }

  #part(): SingleWriteOp {
    const kinds = ['create', 'createEphemeral', 'createSequential', 'delete', 'setData', 'check'] as const;
    const kind = kinds[this.#prng.below(kinds.length)] ?? 'check';
    if (kind === 'check') return { f: 'check', path: this.#path(), version: this.#version() };
    return this.#write(kind);
  }

  #write(kind: Exclude<Kind, 'multi' | 'getData' | 'exists' | 'getChildren' | 'sync'>): SingleWriteOp {
    const path = this.#path();
    const f = this.#prng.next() < 0.3 ? 'create2' : 'create';
    switch (kind) {
      case 'create':
        return { f, path, data: this.#data(), flags: 0 };
      case 'createEphemeral':
        return { f, path, data: this.#data(), flags: 1 };
      case 'createSequential':
        return { f, path: `${path}-`, data: this.#data(), flags: this.#prng.next() < 0.3 ? 3 : 2 };
      case 'delete':
        return { f: 'delete', path, version: this.#version() };
      case 'setAcl':
        return { f: 'setAcl', path, version: this.#version() };
      case 'setData':
        return { f: 'setData', path, data: this.#data(), version: this.#version() };
    }
  }

  #kind(): Kind {
    let draw = this.#prng.below(this.#total);
    for (const kind of KINDS) {
      draw -= this.#options.weights[kind];
      if (draw < 0) return kind;
    }
    return 'setData';
  }

  #path(): string {
    const { names, skew } = this.#options;
    const top = Math.floor(names * this.#prng.next() ** Math.round(skew));
    const path = `/n${top}`;
    return this.#prng.next() < 0.4 ? `${path}/c${this.#prng.below(4)}` : path;
  }

  #version(): number {
    return this.#prng.next() < this.#options.conditionalShare ? this.#prng.below(4) : -1;
  }

  #data(): Uint8Array | null {
    if (this.#prng.next() < 0.05) return null;
    // Not zeros: a sector of them cannot be told from one that was never written (decision 8).
    const data = new Uint8Array(this.#prng.below(this.#options.dataBytesMax + 1)).fill(0xa5);
    // The beginning tells values apart; drawing every byte would be most of the simulation.
    for (let i = 0; i < Math.min(8, data.length); i++) data[i] = this.#prng.uint32();
    return data;
  }
}
