import { hashOfText } from '../base/text-hash.ts';
import type { Znode } from './znode.ts';

const SLOTS_MIN = 1 << 10;
const SLOTS_MAX = 1 << 17;
/** Slots for each node: one node in so many, at most, then finds its slot taken by another. */
const SLOTS_PER_NODE = 8;

/**
 * Nodes that were looked up lately, by their paths: what a `Map` needs four visits of memory for, and as many cache misses
 * where the tree is large, this does in one. Direct-mapped: a newcomer replaces whoever had its slot.
 */
export class RecentNodes {
  #slots: (Znode | null)[] = new Array<Znode | null>(SLOTS_MIN).fill(null);
  #mask = SLOTS_MIN - 1;

  /** Null if it was not noted, or another has taken its place. The root is never here. */
  find(path: string): Znode | null {
    const node = this.likely(hashOfText(path));
    return node !== null && node.path === path ? node : null;
  }

  /** The node that `find` will look at for a path of this hash. */
  likely(hash: number): Znode | null {
    return this.#slots[hash & this.#mask] as Znode | null;
  }

  /** It was looked up, in a tree of so many nodes. */
  note(node: Znode, nodeCount: number): void {
    // Its path on disk is "", which no client may call it by.
    if (node.path === '') return;
    if (this.#slots.length < SLOTS_MAX && this.#slots.length < nodeCount * SLOTS_PER_NODE) this.#grow();
    this.#slots[hashOfText(node.path) & this.#mask] = node;
  }

  /** It is in the tree no more. */
  forget(node: Znode): void {
    const slot = hashOfText(node.path) & this.#mask;
    if (this.#slots[slot] === node) this.#slots[slot] = null;
  }

  /** What was noted is looked up once more. */
  #grow(): void {
    const { length } = this.#slots;
    this.#slots = new Array<Znode | null>(length * 2).fill(null);
    this.#mask = length * 2 - 1;
  }
}
