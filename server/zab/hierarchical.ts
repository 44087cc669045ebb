import { assert } from '../base/assert.ts';
import type { ServerId } from '../base/server-id.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

/** The `group.G` and `weight.S` lines. */
export interface Hierarchy {
  /** By number; every voter is in exactly one of them, and nobody else in any. */
  readonly groups: ReadonlyMap<number, readonly ServerId[]>;
  /** Every voter's. Apache lets lines weigh others too, which has no effect; they are kept to be printed. */
  readonly weights: ReadonlyMap<ServerId, number>;
}

interface Group {
  readonly servers: readonly ServerId[];
  readonly weight: number;
}

/**
 * More than half of the groups, where a group counts with more than half of its weight. Groups without any
 * weight are not there. Apache divides by two and drops the remainder, which comes to the same with whole numbers.
 */
export class HierarchicalQuorums implements QuorumVerifier {
  readonly voters: ReadonlySet<ServerId>;
  readonly #weights: ReadonlyMap<ServerId, number>;
  readonly #groups: readonly Group[];

  constructor({ groups, weights }: Hierarchy) {
    const grouped = [...groups.values()].flat();
    this.voters = new Set(grouped);
    assert(this.voters.size === grouped.length, 'a server is in two groups');
    this.#weights = weights;
    this.#groups = [...groups.values()]
      .map((servers) => ({ servers, weight: this.#weightAmong(servers, this.voters) }))
      .filter(({ weight }) => weight > 0);
  }

  containsQuorum(servers: ReadonlySet<ServerId>): boolean {
    let count = 0;
    for (const group of this.#groups) {
      if (2 * this.#weightAmong(group.servers, servers) > group.weight) count++;
    }
    return 2 * count > this.#groups.length;
  }

  weightOf(server: ServerId): number {
    return this.voters.has(server) ? (this.#weights.get(server) ?? 0) : 0;
  }

  #weightAmong(group: readonly ServerId[], servers: ReadonlySet<ServerId>): number {
    let weight = 0;
    for (const server of group) if (servers.has(server)) weight += this.weightOf(server);
    return weight;
  }
}
