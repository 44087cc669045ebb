import { type NodeIndex, ROOT_NODE } from './node-index.ts';

/** The field isn't known, because a write with an unknown outcome changed it. Compares equal to anything. */
export const UNKNOWN = -2;
/** Data that no read can rightly see: had the write that made it been seen, it would not be unknown. */
export const UNSEEN = -3;

export const Existence = {
  no: 0,
  yes: 1,
  /** Only the run's root: it may have been there before the run. */
  unknown: 2,
} as const;

/**
 * The state of every node at one zxid: the tree as the known writes up to there have made it.
 *
 * Columns by node, because it is looked up once for each operation of a run.
 */
export class TreeModel {
  readonly exists: Uint8Array;
  readonly version: Int32Array;
  readonly czxid: Float64Array;
  readonly mzxid: Float64Array;
  readonly valueId: Float64Array;
  /** The write that made the state what it is; NONE if it isn't a known one. */
  readonly lastWrite: Int32Array;
  /**
   * Version and czxid follow from writes that were only seen, or answered without a Stat, and nothing has
   * confirmed them: between those writes unknown ones may have come.
   */
  readonly isTentative: Uint8Array;
  /** Version and mzxid when last confirmed. Where the state isn't tentative, they are those above. */
  readonly confirmedVersion: Int32Array;
  readonly confirmedMzxid: Float64Array;
  /** As parent: children there are, creates there were, and the zxid of the last change. */
  readonly children: Int32Array;
  readonly childCreates: Int32Array;
  readonly pzxid: Float64Array;
  readonly lastSequence: Float64Array;
  readonly lastSequenceRow: Int32Array;
  /** False for a root made before the run: it may have had children, so its counters begin anywhere. */
  readonly isFromStart: Uint8Array;
  /** Unknown writes deleted the node and made it again, and nobody knows before which of its children. */
  readonly areChildrenUnknown: Uint8Array;

  constructor(nodes: NodeIndex) {
    const { size } = nodes;
    this.exists = new Uint8Array(size);
    this.version = new Int32Array(size);
    this.czxid = new Float64Array(size);
    this.mzxid = new Float64Array(size);
    this.valueId = new Float64Array(size);
    this.lastWrite = new Int32Array(size).fill(-1);
    this.isTentative = new Uint8Array(size);
    this.confirmedVersion = new Int32Array(size);
    this.confirmedMzxid = new Float64Array(size);
    this.children = new Int32Array(size);
    this.childCreates = new Int32Array(size);
    this.pzxid = new Float64Array(size);
    this.lastSequence = new Float64Array(size).fill(-1);
    this.lastSequenceRow = new Int32Array(size).fill(-1);
    this.isFromStart = new Uint8Array(size).fill(1);
    this.areChildrenUnknown = new Uint8Array(size);
    this.exists[ROOT_NODE] = Existence.unknown;
  }

  create(node: number, zxid: number, valueId: number, row: number): void {
    this.exists[node] = Existence.yes;
    this.version[node] = 0;
    this.czxid[node] = zxid;
    this.mzxid[node] = zxid;
    this.valueId[node] = valueId;
    this.lastWrite[node] = row;
    this.confirm(node);
    this.children[node] = 0;
    this.childCreates[node] = 0;
    this.pzxid[node] = zxid;
    this.lastSequence[node] = -1;
    this.isFromStart[node] = 1;
    this.areChildrenUnknown[node] = 0;
  }

  set(node: number, zxid: number, valueId: number, row: number): void {
    const version = this.version[node] ?? 0;
    if (version !== UNKNOWN) this.version[node] = version + 1;
    this.mzxid[node] = zxid;
    this.valueId[node] = valueId;
    this.lastWrite[node] = row;
  }

  confirm(node: number): void {
    this.isTentative[node] = 0;
    this.confirmedVersion[node] = this.version[node] ?? 0;
    this.confirmedMzxid[node] = this.mzxid[node] ?? 0;
  }

  delete(node: number, zxid: number, row: number): void {
    this.exists[node] = Existence.no;
    this.mzxid[node] = zxid;
    this.lastWrite[node] = row;
  }

  /** `zxid` is UNKNOWN for a child that an unknown write made: pzxid stays that of the last known one. */
  addChild(parent: number, zxid: number): void {
    if (parent < 0) return;
    this.children[parent] = (this.children[parent] ?? 0) + 1;
    this.childCreates[parent] = (this.childCreates[parent] ?? 0) + 1;
    if (zxid !== UNKNOWN) this.pzxid[parent] = zxid;
  }

  removeChild(parent: number, zxid: number): void {
    if (parent < 0) return;
    this.children[parent] = (this.children[parent] ?? 0) - 1;
    if (zxid !== UNKNOWN) this.pzxid[parent] = zxid;
  }

  /** As clients see it: creates and deletes of children together (protocol §1.7). */
  cversion(parent: number): number {
    return 2 * (this.childCreates[parent] ?? 0) - (this.children[parent] ?? 0);
  }
}
