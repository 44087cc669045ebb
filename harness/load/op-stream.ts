import type { Prng } from '../../server/base/prng.ts';
import { OpKind, ROOT_KEY } from '../history/op.ts';
import { KIND_OF } from './load-op.ts';
import type { NextOp, OpSource } from './load-op.ts';
import { LOAD_OPERATIONS } from './load-operations.ts';
import { distributionOf, valueSizeOf } from './workload.ts';
import type { Workload } from './workload.ts';
import { Zipf } from './zipf.ts';

/**
 * The operations of one connection, drawn from the workload's mix: a function of the seed and of which
 * connection it is, and of nothing that happens while it runs. So the same seed sends the same operations, and
 * two systems can be compared under the same load.
 *
 * A create takes an index of this connection's own beyond the workload's keys, a delete one that this connection
 * has created; a session's requests are executed in order, so each finds the tree as it is expected here without
 * waiting for an answer. After a lost connection some will be refused, and the stream goes on.
 */
export class OpStream implements OpSource {
  /** It never ends, and nothing waits for its end. */
  readonly isExhausted = true;
  readonly #prng: Prng;
  readonly #kinds: readonly OpKind[];
  /** Upper ends of the kinds' shares of 0…1. */
  readonly #ends: Float64Array;
  readonly #keyCount: number;
  readonly #zipf: Zipf | null;
  readonly #isLatest: boolean;
  readonly #size: { readonly min: number; readonly max: number };
  readonly #lane: number;
  readonly #lanes: number;
  #createdCount = 0;
  readonly #live: number[] = [];
  readonly #free: number[] = [];

  /** `lane` of `lanes`: which connection, counted over all generators. */
  constructor(
    workload: Workload,
    options: { readonly prng: Prng; readonly lane: number; readonly lanes: number },
  ) {
    const distribution = distributionOf(workload);
    this.#prng = options.prng;
    this.#lane = options.lane;
    this.#lanes = options.lanes;
    this.#keyCount = workload.keys.count;
    this.#size = valueSizeOf(workload);
    this.#zipf = distribution.type === 'uniform' ? null : new Zipf(workload.keys.count, distribution.theta);
    this.#isLatest = distribution.type === 'latest';
    const shares = sharesOf(workload);
    this.#kinds = shares.kinds;
    this.#ends = shares.ends;
  }

  take(next: NextOp): boolean {
    next.kind = this.#drawKind();
    const { kind } = next;
    if (kind === OpKind.create) this.#create(next);
    else if (kind === OpKind.delete) this.#delete(next);
    else if (kind === OpKind.getChildren || kind === OpKind.sync) next.key = ROOT_KEY;
    else {
      next.key = this.#drawKey();
      if (kind === OpKind.setData) next.valueBytes = this.#drawSize();
    }
    return true;
  }

  missed(): void {
    // A refusal is an answer like any other.
  }

  /** How many indices beyond the workload's keys this connection has used. */
  get createdCount(): number {
    return this.#createdCount;
  }

  #drawKind(): OpKind {
    const roll = this.#prng.next();
    const last = this.#kinds.length - 1;
    let i = 0;
    while (i < last && roll >= (this.#ends[i] as number)) i++;
    return this.#kinds[i] as OpKind;
  }

  #drawKey(): number {
    const zipf = this.#zipf;
    if (zipf === null) return this.#prng.below(this.#keyCount);
    const rank = zipf.draw(this.#prng);
    if (!this.#isLatest) return rank;
    const position = this.#keyCount + this.#createdCount - 1 - rank;
    return position < this.#keyCount ? position : this.#createdKey(position - this.#keyCount);
  }

  #drawSize(): number {
    const { min, max } = this.#size;
    return min === max ? min : min + this.#prng.below(max - min + 1);
  }

  #create(next: NextOp): void {
    next.kind = OpKind.create;
    next.key = this.#free.pop() ?? this.#createdKey(this.#createdCount++);
    next.valueBytes = this.#drawSize();
    this.#live.push(next.key);
  }

  #delete(next: NextOp): void {
    const last = this.#live.pop();
    if (last === undefined) {
      this.#create(next);
      return;
    }
    const at = this.#prng.below(this.#live.length + 1);
    next.key = at === this.#live.length ? last : (this.#live[at] as number);
    if (at < this.#live.length) this.#live[at] = last;
    this.#free.push(next.key);
  }

  /** Connections interleave, so that each needs to know nothing of the others. */
  #createdKey(ordinal: number): number {
    return createdKey({ keyCount: this.#keyCount, lane: this.#lane, lanes: this.#lanes, ordinal });
  }
}

/** The index of the znode that connection `lane` creates as its `ordinal`th. */
export function createdKey(of: {
  readonly keyCount: number;
  readonly lane: number;
  readonly lanes: number;
  readonly ordinal: number;
}): number {
  return of.keyCount + of.lane + of.ordinal * of.lanes;
}

function sharesOf(workload: Workload): { readonly kinds: OpKind[]; readonly ends: Float64Array } {
  const present = LOAD_OPERATIONS.filter((operation) => (workload.mix[operation] ?? 0) > 0);
  const total = present.reduce((sum, operation) => sum + (workload.mix[operation] ?? 0), 0);
  const ends = new Float64Array(present.length);
  let end = 0;
  present.forEach((operation, i) => {
    end += (workload.mix[operation] ?? 0) / total;
    ends[i] = end;
  });
  return { kinds: present.map((operation) => KIND_OF[operation]), ends };
}
