import type { History } from '../history/history.ts';
import { NONE, OpKind, ROOT_KEY } from '../history/op.ts';

/** Keys up to this many are numbered directly; beyond, a history with few but huge keys would waste memory. */
const DENSE_KEYS_MAX = 1 << 24;
const SEQUENCE_SPAN = 2 ** 32;

export const NO_NODE = -1;
export const ROOT_NODE = 0;

/**
 * Numbers the nodes of a history from 0 up, so that what a checker knows about them fits arrays. The root is
 * 0, key k is k + 1, sequential children come after the keys.
 */
export class NodeIndex {
  readonly #history: History;
  readonly #denseKeys: number;
  readonly #others = new Map<number, number>();
  /** Of the nodes in `#others`, by number less `#denseKeys`. */
  readonly #parents: number[] = [];
  readonly #areSequential: boolean[] = [];
  /** Made when first asked for. */
  #sequentialChildren: Map<number, number[]> | null = null;

  /** @throws nothing: a key below ROOT_KEY is numbered like any other. */
  constructor(history: History) {
    this.#history = history;
    let keyMax = ROOT_KEY;
    for (const key of history.key) if (key > keyMax) keyMax = key;
    this.#denseKeys = Math.min(keyMax, DENSE_KEYS_MAX) + 2;
    for (let row = 0; row < history.size; row++) {
      const key = history.key[row] ?? ROOT_KEY;
      if (key + 1 >= this.#denseKeys) this.#number(key, NONE, ROOT_NODE);
      if (history.sequence[row] !== NONE)
        this.#number(key, history.sequence[row] ?? NONE, this.#keyNode(key));
    }
  }

  get size(): number {
    return this.#denseKeys + this.#parents.length;
  }

  /** The node an operation is about. A sequential create that got no answer is about none. */
  nodeOf(row: number): number {
    const sequence = this.#history.sequence[row] ?? NONE;
    const key = this.#history.key[row] ?? ROOT_KEY;
    if (sequence !== NONE) return this.#others.get(key * SEQUENCE_SPAN + sequence + 1) ?? NO_NODE;
    if (this.#history.kind[row] === OpKind.createSequential) return NO_NODE;
    return this.#keyNode(key);
  }

  /** The node that has, or would have, the one this operation is about as a child. */
  parentOfRow(row: number): number {
    const kind = this.#history.kind[row];
    const key = this.#history.key[row] ?? ROOT_KEY;
    if (kind === OpKind.createSequential || this.#history.sequence[row] !== NONE) return this.#keyNode(key);
    return key === ROOT_KEY ? NO_NODE : ROOT_NODE;
  }

  isSequential(node: number): boolean {
    return this.#areSequential[node - this.#denseKeys] === true;
  }

  parentOf(node: number): number {
    if (node === ROOT_NODE) return NO_NODE;
    return node < this.#denseKeys ? ROOT_NODE : (this.#parents[node - this.#denseKeys] ?? ROOT_NODE);
  }

  /** Of the sequential children that the history names, all that were ever there. */
  sequentialChildrenOf(node: number): readonly number[] {
    if (this.#sequentialChildren === null) {
      this.#sequentialChildren = new Map();
      for (const [index, parent] of this.#parents.entries()) {
        if (this.#areSequential[index] !== true) continue;
        const siblings = this.#sequentialChildren.get(parent);
        if (siblings === undefined) this.#sequentialChildren.set(parent, [this.#denseKeys + index]);
        else siblings.push(this.#denseKeys + index);
      }
    }
    return this.#sequentialChildren.get(node) ?? [];
  }

  #keyNode(key: number): number {
    if (key + 1 < this.#denseKeys) return key + 1;
    return this.#others.get(key * SEQUENCE_SPAN) ?? NO_NODE;
  }

  #number(key: number, sequence: number, parent: number): void {
    // Sequence NONE is 0 here, so that a key too large to be dense and its children have ids of one kind.
    const id = key * SEQUENCE_SPAN + sequence + 1;
    if (this.#others.has(id)) return;
    this.#others.set(id, this.#denseKeys + this.#parents.length);
    this.#parents.push(parent);
    this.#areSequential.push(sequence !== NONE);
  }
}
