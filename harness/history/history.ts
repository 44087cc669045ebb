import { NONE } from './op.ts';

/**
 * A run's operations as columns: row `i` of each array is operation `i` (see `Op` for their meaning).
 *
 * Columns and not objects, because a run has millions of operations and every checker goes over all of them.
 * Rows of one process stand in the order in which its operations completed.
 */
export class History {
  readonly size: number;
  readonly process: Int32Array;
  readonly xid: Int32Array;
  readonly kind: Uint8Array;
  readonly outcome: Uint8Array;
  readonly phase: Uint8Array;
  readonly inMulti: Uint8Array;
  readonly key: Int32Array;
  readonly sequence: Int32Array;
  readonly intendedNs: Float64Array;
  readonly invokeNs: Float64Array;
  readonly completeNs: Float64Array;
  readonly error: Int16Array;
  readonly zxid: Float64Array;
  readonly valueId: Float64Array;
  readonly askedVersion: Int32Array;
  readonly version: Int32Array;
  readonly czxid: Float64Array;
  readonly mzxid: Float64Array;
  /** Of a row that has listed children. Few rows have, so this is not a column. */
  readonly children: Map<number, Children>;
  /** Why the history isn't the whole story; empty if it is. */
  readonly cuts: readonly Cut[];

  constructor(size: number, cuts: readonly Cut[] = []) {
    this.size = size;
    this.process = new Int32Array(size);
    this.xid = new Int32Array(size);
    this.kind = new Uint8Array(size);
    this.outcome = new Uint8Array(size);
    this.phase = new Uint8Array(size);
    this.inMulti = new Uint8Array(size);
    this.key = new Int32Array(size);
    this.sequence = new Int32Array(size).fill(NONE);
    this.intendedNs = new Float64Array(size);
    this.invokeNs = new Float64Array(size);
    this.completeNs = new Float64Array(size);
    this.error = new Int16Array(size);
    this.zxid = new Float64Array(size);
    this.valueId = new Float64Array(size);
    this.askedVersion = new Int32Array(size);
    this.version = new Int32Array(size);
    this.czxid = new Float64Array(size);
    this.mzxid = new Float64Array(size);
    this.children = new Map();
    this.cuts = cuts;
  }
}

export interface Children {
  readonly cversion: number;
  readonly numChildren: number;
  readonly pzxid: number;
}

export interface Cut {
  readonly path: string;
  /** `no end mark`: its writer did not live to close it. `torn`: the last block is not whole. */
  readonly reason: 'no end mark' | 'torn' | 'operations missing';
  /** Good operations before the cut. */
  readonly ops: number;
  readonly lostBytes: number;
}
