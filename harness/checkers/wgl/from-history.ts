import { Prng } from '../../../server/base/prng.ts';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import type { History } from '../../history/history.ts';
import { isWrite, NONE, OpKind, Outcome, Phase } from '../../history/op.ts';
import { nodeName, showValue } from '../anomaly-log.ts';
import { NO_NODE, NodeIndex, ROOT_NODE } from '../node-index.ts';
import type { Operation } from './model.ts';
import { type ZnodeInput, ZnodeModel, type ZnodeOutput } from './models/znode.ts';
import { multiOf, type Sighting, sightingsOf } from './sightings.ts';
import { withoutWhatNeverWas } from './unseen.ts';
import type { Partition } from './wgl.ts';

/** What happened to a znode, and the row of the history that says so. */
export interface ZnodeOperation extends Operation<ZnodeInput, ZnodeOutput> {
  readonly row: number;
}

/**
 * Which reads are taken as part of what must be linearizable.
 * - `final`: those at the end, when all is healed and nobody writes, from a session that has done a `sync`.
 * - `synced`: also those whose session did a `sync` right before. Where a leader that doesn't know yet that it has
 *   been deposed may answer a sync by itself (ZOOKEEPER-1675), these need not be linearizable.
 * - `all`: any read. ZooKeeper doesn't promise that, and a server that lags will break it.
 */
export type LinearizableReads = 'final' | 'synced' | 'all';

export interface ZnodeHistory {
  readonly partitions: readonly Partition<ZnodeInput, ZnodeOutput>[];
  /** All that the history could be searched by. */
  readonly znodes: number;
  /** In the partitions. */
  readonly operations: number;
  /** Writes without an answer in them: shown by a read to have happened, shown not to have, and neither. */
  readonly resolved: number;
  readonly dropped: number;
  readonly open: number;
}

export interface ZnodeHistoryOptions {
  readonly reads?: LinearizableReads;
  /** Znodes are taken in an order drawn from the seed while there are fewer operations than `operationsMax`. */
  readonly seed?: number;
  readonly operationsMax?: number;
  /** Of a znode with more, only its beginning is taken: a beginning of a linearizable history is linearizable. */
  readonly operationsOfOneMax?: number;
  /**
   * The same by how many pairs of its operations ran at one moment, which is about what a search has to look at where
   * it goes well; and of all znodes together ten times as many.
   */
  readonly pairsOfOneMax?: number;
}

/** In place of each value that no read shows. */
const UNSEEN = -2;

type ZnodePartInput = Exclude<ZnodeInput, { readonly kind: 'multi' }>;

/**
 * What a history says of each znode by itself, without its zxids: its updates, refused ones too, for what they saw,
 * and such reads as are to be linearizable. The root of the run is left out, as is a sequential node of which nobody
 * knows who made it: nothing says how they began. So is what is about two nodes, such as whether a parent was there.
 */
export function znodeHistory(history: History, options: ZnodeHistoryOptions = {}): ZnodeHistory {
  const { reads = 'final', seed = 1, operationsMax = Infinity } = options;
  const { operationsOfOneMax = Infinity, pairsOfOneMax = Infinity } = options;
  const gatherer = new Gatherer(history, reads);
  const { counts } = gatherer;
  const known = [...counts.keys()].filter((node) => (counts[node] ?? 0) > 0);
  const chosen: number[] = [];
  let size = 0;
  for (const node of new Prng(seed).shuffled(known)) {
    if (size >= operationsMax) break;
    chosen.push(node);
    size += Math.min(counts[node] ?? 0, operationsOfOneMax);
  }
  const each = gatherer.gather(chosen);
  const totals = { operations: 0, resolved: gatherer.resolved, dropped: 0, open: 0 };
  const partitions: Partition<ZnodeInput, ZnodeOutput>[] = [];
  let pairs = 0;
  for (const [at, node] of chosen.entries()) {
    if (pairs >= pairsOfOneMax * 10) break;
    const all = each[at] ?? [];
    const kept = withoutWhatNeverWas(all).map(withSharedInput(all));
    const beginning = beginningOf(kept, operationsOfOneMax, pairsOfOneMax);
    const { operations } = beginning;
    pairs += beginning.pairs;
    totals.dropped += all.length - kept.length;
    totals.open += operations.filter(({ returnNs }) => returnNs === Infinity).length;
    totals.operations += operations.length;
    partitions.push({ name: gatherer.nameOf(node), operations, newModel: () => gatherer.newModel() });
  }
  return { partitions, znodes: known.length, ...totals };
}

class Gatherer {
  /** By node: how many rows are about it; 0 if it isn't written to, or can't be searched. */
  readonly counts: Int32Array;
  resolved = 0;
  readonly #history: History;
  readonly #nodes: NodeIndex;
  readonly #sightings: ReadonlyMap<number, Sighting>;
  /** By row of a read that is taken: since when it must be fresh. Only reads that are behind a sync need one. */
  readonly #freshSinceNs = new Map<number, number>();
  readonly #reads: LinearizableReads;
  /** Values are numbered, to fit a model's. */
  readonly #values = new Map<number, number>();
  readonly #valueIds: number[] = [];
  readonly #names = new Map<number, string>();

  constructor(history: History, reads: LinearizableReads) {
    this.#history = history;
    this.#reads = reads;
    this.#nodes = new NodeIndex(history);
    this.#sightings = sightingsOf(history, this.#nodes);
    this.counts = new Int32Array(this.#nodes.size);
    this.#count();
  }

  nameOf(node: number): string {
    return this.#names.get(node) ?? String(node);
  }

  newModel(): ZnodeModel {
    return new ZnodeModel((value) =>
      value === UNSEEN ? 'a value that no read shows' : showValue(this.#valueIds[value] ?? NONE),
    );
  }

  /** The operations of each of the nodes, in the order of their rows. */
  gather(nodes: readonly number[]): ZnodeOperation[][] {
    const each = nodes.map((): ZnodeOperation[] => []);
    const placeOf = new Int32Array(this.#nodes.size).fill(NONE);
    for (const [place, node] of nodes.entries()) placeOf[node] = place;
    const { size, inMulti } = this.#history;
    for (let row = 0; row < size; row++) {
      const node = this.#nodeOf(row);
      const place = node === NO_NODE ? NONE : (placeOf[node] ?? NONE);
      if (place === NONE || !this.#isTaken(row)) continue;
      const operation = inMulti[row] === 1 ? this.#multi(row, node) : this.#single(row);
      if (operation === null) continue;
      each[place]?.push(operation);
      if (!this.#names.has(node)) this.#names.set(node, this.#nameOfRow(row));
    }
    return each;
  }

  #nodeOf(row: number): number {
    const node = this.#nodes.nodeOf(row);
    return node === NO_NODE ? (this.#sightings.get(row)?.node ?? NO_NODE) : node;
  }

  #count(): void {
    const { size, kind, outcome } = this.#history;
    const { size: nodeCount } = this.#nodes;
    const isWritten = new Uint8Array(nodeCount);
    const isMade = new Uint8Array(nodeCount);
    const mayBeDeleted = new Uint8Array(nodeCount);
    const hasUnknownChild = new Uint8Array(nodeCount);
    this.#findFreshReads();
    for (let row = 0; row < size; row++) {
      const node = this.#nodeOf(row);
      if (kind[row] === OpKind.createSequential && outcome[row] !== Outcome.fail) {
        if (node === NO_NODE) hasUnknownChild[this.#nodes.parentOfRow(row)] = 1;
        else isMade[node] = 1;
      }
      if (node === NO_NODE) continue;
      if (kind[row] === OpKind.delete && outcome[row] !== Outcome.fail) mayBeDeleted[node] = 1;
      if (node === ROOT_NODE || !this.#isTaken(row)) continue;
      this.counts[node] = (this.counts[node] ?? 0) + 1;
      if (!isReadKind(kind[row])) isWritten[node] = 1;
    }
    for (let node = 0; node < nodeCount; node++) {
      // A parent that is made again numbers its children from 0 again: one nobody knows of may have had this name.
      const parent = this.#nodes.parentOf(node);
      const isExplained =
        isMade[node] === 1 && !(mayBeDeleted[parent] === 1 && hasUnknownChild[parent] === 1);
      if (isWritten[node] === 0 || (this.#nodes.isSequential(node) && !isExplained)) this.counts[node] = 0;
    }
  }

  #findFreshReads(): void {
    if (this.#reads === 'all') return;
    const { size, process, kind, outcome, phase, invokeNs, xid } = this.#history;
    const syncs = new Map<number, number>();
    for (let row = 0; row < size; row++) {
      if (kind[row] === OpKind.sync) {
        if (outcome[row] === Outcome.ok) syncs.set(process[row] ?? 0, row);
        continue;
      }
      if (!isReadKind(kind[row])) continue;
      const sync = syncs.get(process[row] ?? 0);
      if (sync === undefined) continue;
      const isFinal = phase[row] === Phase.final && phase[sync] === Phase.final;
      const isSynced = this.#reads === 'synced' && xid[row] === (xid[sync] ?? 0) + 1;
      if (isFinal || isSynced) this.#freshSinceNs.set(row, invokeNs[sync] ?? 0);
    }
  }

  #isTaken(row: number): boolean {
    const { kind, outcome, error, inMulti } = this.#history;
    if (isReadKind(kind[row])) {
      if (this.#reads !== 'all' && !this.#freshSinceNs.has(row)) return false;
      return outcome[row] === Outcome.ok || error[row] === ErrorCode.noNode;
    }
    if (!isWrite(kind[row] ?? 0) && kind[row] !== OpKind.check) return false;
    if (outcome[row] !== Outcome.fail) return true;
    return isAboutNode(kind[row] ?? 0, error[row] ?? 0) && (inMulti[row] === 0 || !this.#hasEarlierPart(row));
  }

  /** Whether the same multi has changed the node before: then what the part saw is no state that anybody was in. */
  #hasEarlierPart(row: number): boolean {
    const node = this.#nodeOf(row);
    for (let part = multiOf(this.#history, row).first; part < row; part++) {
      if (this.#nodeOf(part) === node) return true;
    }
    return false;
  }

  #single(row: number): ZnodeOperation {
    return this.#operation(row, this.#input(row), this.#output(row));
  }

  /** The parts of a multi that are about the node, at the row of the first of them. */
  #multi(row: number, node: number): ZnodeOperation | null {
    if (this.#history.outcome[row] === Outcome.fail) return this.#single(row);
    const { first, last } = multiOf(this.#history, row);
    const rows: number[] = [];
    for (let part = first; part <= last; part++) if (this.#nodeOf(part) === node) rows.push(part);
    if (rows[0] !== row) return null;
    if (rows.length === 1) return this.#single(row);
    const parts = rows.map((part) => this.#output(part)).filter((output) => output !== null);
    const isKnown = parts.length === rows.length;
    return this.#operation(
      row,
      { kind: 'multi', parts: rows.map((part) => this.#input(part)) },
      isKnown ? { error: ErrorCode.ok, version: NONE, value: NONE, parts } : null,
    );
  }

  #operation(row: number, input: ZnodeInput, output: ZnodeOutput | null): ZnodeOperation {
    const { invokeNs, process } = this.#history;
    const invokedNs = invokeNs[row] ?? 0;
    const callNs = Math.min(this.#freshSinceNs.get(row) ?? invokedNs, invokedNs);
    return {
      row,
      process: process[row] ?? NONE,
      callNs,
      returnNs: this.#returnNs(row, callNs),
      input,
      output,
    };
  }

  #returnNs(row: number, callNs: number): number {
    const { outcome, completeNs } = this.#history;
    if (outcome[row] !== Outcome.info) return completeNs[row] ?? 0;
    const sighting = this.#sightings.get(row);
    if (sighting === undefined) return Infinity;
    this.resolved++;
    // Seen before it was asked for: then the read is wrong, and its zxid tells.
    return Math.max(callNs, sighting.seenNs);
  }

  #input(row: number): ZnodePartInput {
    const { kind, valueId, askedVersion } = this.#history;
    const value = this.#valueOf(valueId[row] ?? NONE);
    const asked = askedVersion[row] ?? NONE;
    switch (kind[row]) {
      case OpKind.create:
      case OpKind.createSequential:
        return { kind: 'create', value };
      case OpKind.setData:
        return { kind: 'setData', value, askedVersion: asked };
      case OpKind.delete:
        return { kind: 'delete', askedVersion: asked };
      case OpKind.check:
        return { kind: 'check', askedVersion: asked };
      default:
        return { kind: 'read' };
    }
  }

  #output(row: number): ZnodeOutput | null {
    const { kind, outcome, error, version, valueId } = this.#history;
    if (outcome[row] === Outcome.info) {
      const sighting = this.#sightings.get(row);
      return sighting === undefined ? null : { error: ErrorCode.ok, version: sighting.version, value: NONE };
    }
    const isValueSeen = kind[row] === OpKind.getData && outcome[row] === Outcome.ok;
    return {
      error: outcome[row] === Outcome.ok ? ErrorCode.ok : (error[row] ?? 0),
      version: version[row] ?? NONE,
      value: isValueSeen ? this.#valueOf(valueId[row] ?? NONE) : NONE,
    };
  }

  #valueOf(valueId: number): number {
    if (valueId === NONE) return NONE;
    const known = this.#values.get(valueId);
    if (known !== undefined) return known;
    this.#values.set(valueId, this.#valueIds.length);
    return this.#valueIds.push(valueId) - 1;
  }

  #nameOfRow(row: number): string {
    return nodeName(this.#history.key[row] ?? NONE, this.#history.sequence[row] ?? NONE);
  }
}

function isReadKind(kind: number | undefined): boolean {
  return kind === OpKind.getData || kind === OpKind.exists || kind === OpKind.getChildren;
}

/** Whether the refusal says something of the node itself. A create without a parent does not. */
function isAboutNode(kind: number, error: number): boolean {
  switch (error) {
    case ErrorCode.noNode:
      return kind !== OpKind.create && kind !== OpKind.createSequential;
    case ErrorCode.nodeExists:
    case ErrorCode.badVersion:
    case ErrorCode.notEmpty:
      return true;
    default:
      return false;
  }
}

/**
 * The same operations, with one input object for all that ask the same, and one value for all that no read shows: it
 * makes no difference which of them is there, and so the search need not make one.
 */
function withSharedInput(
  operations: readonly ZnodeOperation[],
): (operation: ZnodeOperation) => ZnodeOperation {
  const shown = new Set(operations.map(({ output }) => output?.value ?? NONE));
  const inputs = new Map<string, ZnodeInput>();
  return (operation) => {
    const { input } = operation;
    if (input.kind === 'multi' || input.kind === 'read') return operation;
    const value = 'value' in input && (input.value === NONE || shown.has(input.value)) ? input.value : UNSEEN;
    const asked = 'askedVersion' in input ? input.askedVersion : NONE;
    const key = `${input.kind} ${value} ${asked}`;
    const shared = inputs.get(key) ?? ('value' in input ? { ...input, value } : input);
    inputs.set(key, shared);
    return { ...operation, input: shared };
  };
}

/**
 * Those called before the moment at which there are too many, or too many pairs of them: what had not returned by then
 * may have been, or not.
 */
function beginningOf(
  operations: readonly ZnodeOperation[],
  sizeMax: number,
  pairsMax: number,
): { readonly operations: readonly ZnodeOperation[]; readonly pairs: number } {
  const byCall = operations.toSorted((a, b) => a.callNs - b.callNs);
  const returns = Float64Array.from(operations, ({ returnNs }) => returnNs).sort();
  let size = 0;
  let pairs = 0;
  let returned = 0;
  for (; size < byCall.length && size < sizeMax && pairs < pairsMax; size++) {
    while ((returns[returned] ?? Infinity) < (byCall[size]?.callNs ?? 0)) returned++;
    pairs += size - returned;
  }
  if (size === byCall.length) return { operations, pairs };
  const endNs = byCall[size]?.callNs ?? Infinity;
  const begun = byCall.filter(({ callNs }) => callNs < endNs);
  return {
    operations: begun.map((operation) => {
      return operation.returnNs < endNs ? operation : { ...operation, returnNs: Infinity, output: null };
    }),
    pairs,
  };
}
