import type { History } from '../history/history.ts';
import { isWrite, NONE, OpKind, Outcome } from '../history/op.ts';
import { type AnomalyLog, showValue, showZxid } from './anomaly-log.ts';
import type { NodeIndex } from './node-index.ts';
import { radixSort } from './radix-sort.ts';

/** A write whose outcome nobody was told, and of which nothing seen gives away when it happened, if it did. */
export interface Candidate {
  readonly row: number;
  readonly kind: number;
  readonly askedVersion: number;
  /** It was invoked after the write with this zxid was acknowledged, so if it happened, it did so later. */
  readonly afterZxid: number;
  /** Something was seen that only this write can have done. */
  isUsed: boolean;
}

/** From one to another, both included. */
export interface Versions {
  readonly from: number;
  readonly to: number;
}

const ANY_VERSION: Versions = { from: 0, to: Infinity };

/**
 * The writes of a history whose outcome is unknown (harness: B2).
 *
 * A value is written once, so a read that shows it says that the write happened, and by its mzxid when: from
 * then on it is a write like any other. So does one part of a multi for all of them. The others are
 * candidates: each may explain, once, a change that no known write made.
 */
export class IndeterminateWrites {
  /** By row, only for those whose zxid is known. */
  readonly resolved: ReadonlyMap<number, number>;
  /** Of a resolved sequential create: the node it turned out to have made. */
  readonly nodeOfSequential = new Map<number, number>();
  /** How many of the others would create, or delete, a child of a node. Absent for none. */
  readonly childCreates = new Map<number, number>();
  readonly childDeletes = new Map<number, number>();
  readonly #candidates = new Map<number, Candidate[]>();
  /** Sequential creates, whose node nobody knows, by parent. */
  readonly #sequentialCreates = new Map<number, Candidate[]>();
  readonly #nodes: NodeIndex;

  constructor(history: History, nodes: NodeIndex, log: AnomalyLog) {
    this.#nodes = nodes;
    const rows: number[] = [];
    for (let row = 0; row < history.size; row++) {
      if (history.outcome[row] === Outcome.info && isWrite(history.kind[row] ?? 0)) rows.push(row);
    }
    const sightings = rows.length === 0 ? new Map<number, number>() : this.#sightingsOf(history, rows, log);
    resolveMultis(history, rows, sightings, log);
    this.resolved = sightings;
    const unresolved = rows.filter((row) => !sightings.has(row));
    if (unresolved.length > 0) this.#addCandidates(history, nodes, unresolved);
  }

  /**
   * Takes one that can have happened by `zxid`, and marks it as happened: if there is one, one that asked for
   * a version in `versions`, which is good for nothing else.
   */
  take(node: number, kind: OpKind, versions: Versions, zxid: number): Candidate | undefined {
    return takeOf(this.#candidates.get(node), kind, versions, zxid);
  }

  takeCreate(node: number, zxid: number): Candidate | undefined {
    const own = this.take(node, OpKind.create, ANY_VERSION, zxid);
    if (own !== undefined || !this.#nodes.isSequential(node)) return own;
    const siblings = this.#sequentialCreates.get(this.#nodes.parentOf(node));
    return takeOf(siblings, OpKind.createSequential, ANY_VERSION, zxid);
  }

  /** Those that could be taken. */
  left(node: number, kind: OpKind, zxid: number): Candidate[] {
    const candidates = this.#candidates.get(node) ?? [];
    return candidates.filter((each) => !each.isUsed && each.kind === kind && each.afterZxid < zxid);
  }

  #addCandidates(history: History, nodes: NodeIndex, rows: readonly number[]): void {
    const afterZxids = acknowledgedBefore(history, rows);
    for (const [index, row] of rows.entries()) {
      const kind = history.kind[row] ?? 0;
      const parent = nodes.parentOfRow(row);
      const counts = kind === OpKind.delete ? this.childDeletes : this.childCreates;
      if (kind !== OpKind.setData) counts.set(parent, (counts.get(parent) ?? 0) + 1);
      const candidate: Candidate = {
        row,
        kind,
        askedVersion: history.askedVersion[row] ?? NONE,
        afterZxid: afterZxids[index] ?? 0,
        isUsed: false,
      };
      if (kind === OpKind.createSequential) pushTo(this.#sequentialCreates, parent, candidate);
      else pushTo(this.#candidates, nodes.nodeOf(row), candidate);
    }
  }

  /** The mzxid under which each indeterminate write's value was read, by the write's row. */
  #sightingsOf(history: History, writes: readonly number[], log: AnomalyLog): Map<number, number> {
    const rowOfValue = new Map<number, number>();
    for (const row of writes) {
      const valueId = history.valueId[row] ?? NONE;
      if (valueId !== NONE) rowOfValue.set(valueId, row);
    }
    // Nearly every read is of another value. A bit set, hashed on the value's number, sorts most of them out.
    const hint = new Uint8Array(1 << 16);
    for (const valueId of rowOfValue.keys()) hint[valueId & 0xffff] = 1;

    const zxids = new Map<number, number>();
    const readers = new Map<number, number>();
    for (let row = 0; row < history.size; row++) {
      const valueId = history.valueId[row] ?? NONE;
      if (valueId === NONE || hint[valueId & 0xffff] === 0) continue;
      if (history.kind[row] !== OpKind.getData || history.outcome[row] !== Outcome.ok) continue;
      const write = rowOfValue.get(valueId);
      const mzxid = history.mzxid[row] ?? NONE;
      // At another node it is an anomaly of the replay, and says nothing about this write.
      if (write === undefined || mzxid <= 0 || !this.#isOfNode(history, write, row)) continue;
      const before = zxids.get(write);
      if (before === undefined) {
        zxids.set(write, mzxid);
        readers.set(write, row);
      } else if (before !== mzxid) {
        log.invalid('applied twice', [write, readers.get(write) ?? NONE, row], () => {
          const when = `${showZxid(before)} and at ${showZxid(mzxid)}`;
          return `${showValue(valueId)} was sent once, with an unknown outcome, and seen as written at ${when}`;
        });
      }
    }
    return zxids;
  }

  /** A sequential create without an answer is of the node, below its parent, where its value is first seen. */
  #isOfNode(history: History, write: number, read: number): boolean {
    const node = this.#nodes.nodeOf(read);
    if (history.kind[write] !== OpKind.createSequential) return this.#nodes.nodeOf(write) === node;
    if (!this.#nodes.isSequential(node) || this.#nodes.parentOfRow(write) !== this.#nodes.parentOf(node)) {
      return false;
    }
    if (!this.nodeOfSequential.has(write)) this.nodeOfSequential.set(write, node);
    return this.nodeOfSequential.get(write) === node;
  }
}

function takeOf(
  candidates: readonly Candidate[] | undefined,
  kind: OpKind,
  versions: Versions,
  zxid: number,
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of candidates ?? []) {
    if (candidate.isUsed || candidate.kind !== kind || candidate.afterZxid >= zxid) continue;
    if (!asksForOneOf(candidate, versions)) continue;
    best ??= candidate;
    if (candidate.askedVersion !== NONE) best = candidate;
    if (best.askedVersion !== NONE) break;
  }
  if (best !== undefined) best.isUsed = true;
  return best;
}

export function asksForOneOf({ askedVersion }: Candidate, { from, to }: Versions): boolean {
  return askedVersion === NONE || (askedVersion >= from && askedVersion <= to);
}

function pushTo(map: Map<number, Candidate[]>, node: number, candidate: Candidate): void {
  const others = map.get(node);
  if (others === undefined) map.set(node, [candidate]);
  else others.push(candidate);
}

function resolveMultis(
  history: History,
  writes: readonly number[],
  zxids: Map<number, number>,
  log: AnomalyLog,
): void {
  const multis = new Map<string, number[]>();
  for (const row of writes) {
    if (history.inMulti[row] !== 1) continue;
    const id = `${history.process[row]} ${history.xid[row]}`;
    const parts = multis.get(id);
    if (parts === undefined) multis.set(id, [row]);
    else parts.push(row);
  }
  for (const parts of multis.values()) {
    const seen = parts.find((row) => zxids.has(row));
    if (seen === undefined) continue;
    const zxid = zxids.get(seen) ?? NONE;
    for (const row of parts) {
      const other = zxids.get(row) ?? zxid;
      if (other !== zxid) {
        log.invalid('torn multi', [seen, row], () => {
          return `two parts of one multi were seen as written at ${showZxid(zxid)} and at ${showZxid(other)}`;
        });
      }
      zxids.set(row, other);
    }
  }
}

/** For each row, the highest zxid of a write that was acknowledged before the row's operation was invoked. */
function acknowledgedBefore(history: History, rows: readonly number[]): Float64Array {
  const acknowledged = [];
  for (let row = 0; row < history.size; row++) {
    if (history.outcome[row] === Outcome.ok && isWrite(history.kind[row] ?? 0)) acknowledged.push(row);
  }
  const byCompletion = radixSort(Int32Array.from(acknowledged), history.completeNs);
  const order = [...rows.keys()].sort((a, b) => invokeNsOf(a) - invokeNsOf(b));
  const highest = new Float64Array(rows.length);
  let at = 0;
  let zxid = 0;
  for (const index of order) {
    while (at < byCompletion.length && (history.completeNs[byCompletion[at] ?? 0] ?? 0) < invokeNsOf(index)) {
      zxid = Math.max(zxid, history.zxid[byCompletion[at] ?? 0] ?? 0);
      at++;
    }
    highest[index] = zxid;
  }
  return highest;

  function invokeNsOf(index: number): number {
    return history.invokeNs[rows[index] ?? 0] ?? 0;
  }
}
