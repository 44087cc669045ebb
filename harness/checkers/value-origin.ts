import type { History } from '../history/history.ts';
import { isWrite, NONE, Outcome } from '../history/op.ts';
import { showValue, showZxid } from './anomaly-log.ts';
import type { NodeIndex } from './node-index.ts';
import type { BrokenPromise } from './promises.ts';

export interface Origin {
  /** What to call a read that saw the value where the model has another. */
  readonly anomaly: BrokenPromise;
  /** The write that made the value; NONE if nobody did. */
  readonly row: number;
  readonly words: string;
}

/** Says of a value that should not have been seen where it came from. Made on the first anomaly only. */
export class ValueOrigins {
  readonly #history: History;
  readonly #nodes: NodeIndex;
  #writes: Map<number, number> | null = null;

  constructor(history: History, nodes: NodeIndex) {
    this.#history = history;
    this.#nodes = nodes;
  }

  /** @param zxid the point of the history at which it was seen. */
  originOf(valueId: number, node: number, zxid: number): Origin {
    const history = this.#history;
    const row = valueId === NONE ? undefined : this.#writesByValue().get(valueId);
    if (row === undefined) {
      return { anomaly: 'invented value', row: NONE, words: `nobody wrote ${showValue(valueId)}` };
    }
    const name = showValue(valueId);
    if (this.#nodes.nodeOf(row) !== node) {
      return { anomaly: 'value of another node', row, words: `${name} was written to another node` };
    }
    if (history.outcome[row] === Outcome.fail) {
      return { anomaly: 'value of a failed write', row, words: `the write of ${name} had failed` };
    }
    if (history.outcome[row] === Outcome.info) {
      return { anomaly: 'wrong value', row, words: `the outcome of writing ${name} was unknown` };
    }
    const written = history.zxid[row] ?? 0;
    return {
      anomaly: written > zxid ? 'value from the future' : 'stale read',
      row,
      words: `${name} was written at ${showZxid(written)}`,
    };
  }

  #writesByValue(): Map<number, number> {
    if (this.#writes !== null) return this.#writes;
    const { kind, valueId, size } = this.#history;
    const writes = new Map<number, number>();
    for (let row = 0; row < size; row++) {
      if (isWrite(kind[row] ?? 0) && valueId[row] !== NONE) writes.set(valueId[row] ?? NONE, row);
    }
    this.#writes = writes;
    return writes;
  }
}
