import type { History } from '../history/history.ts';
import { isWrite, NONE, OpKind, Outcome } from '../history/op.ts';
import { type AnomalyLog, showValue, showZxid } from './anomaly-log.ts';
import { ANY_VERSION, type Candidate, CandidatePool } from './candidate-pool.ts';
import type { NodeIndex } from './node-index.ts';
import { radixSort } from './radix-sort.ts';

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
  readonly #creates: ReadonlyMap<number, CandidatePool>;
  readonly #deletes: ReadonlyMap<number, CandidatePool>;
  readonly #sets: ReadonlyMap<number, CandidatePool>;
  /** Sequential creates, whose node nobody knows, by parent. */
  readonly #sequentialCreates: ReadonlyMap<number, CandidatePool>;
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
    this.#countChildren(history, unresolved);
    const afterZxids =
      unresolved.length === 0 ? new Map<number, number>() : acknowledgedBefore(history, unresolved);
    const poolsOf = (kind: OpKind): Map<number, CandidatePool> => {
      const candidates = new Map<number, Candidate[]>();
      for (const row of unresolved) {
        if (history.kind[row] !== kind) continue;
        const node = kind === OpKind.createSequential ? nodes.parentOfRow(row) : nodes.nodeOf(row);
        const askedVersion = history.askedVersion[row] ?? NONE;
        const candidate = { row, askedVersion, afterZxid: afterZxids.get(row) ?? 0 };
        const others = candidates.get(node);
        if (others === undefined) candidates.set(node, [candidate]);
        else others.push(candidate);
      }
      return new Map([...candidates].map(([node, each]) => [node, new CandidatePool(each)]));
    };
    this.#creates = poolsOf(OpKind.create);
    this.#deletes = poolsOf(OpKind.delete);
    this.#sets = poolsOf(OpKind.setData);
    this.#sequentialCreates = poolsOf(OpKind.createSequential);
  }

  setsOf(node: number): CandidatePool | undefined {
    return this.#sets.get(node);
  }

  deletesOf(node: number): CandidatePool | undefined {
    return this.#deletes.get(node);
  }

  hasCreateLeft(node: number, zxid: number): boolean {
    return this.#createsOf(node).some((pool) => pool.hasLeft(zxid));
  }

  takeCreate(node: number, zxid: number): Candidate | undefined {
    for (const pool of this.#createsOf(node)) {
      const candidate = pool.take(ANY_VERSION, zxid);
      if (candidate !== undefined) return candidate;
    }
    return undefined;
  }

  #createsOf(node: number): CandidatePool[] {
    const isSequential = this.#nodes.isSequential(node);
    const siblings = isSequential ? this.#sequentialCreates.get(this.#nodes.parentOf(node)) : undefined;
    return [this.#creates.get(node), siblings].filter((pool) => pool !== undefined);
  }

  #countChildren(history: History, rows: readonly number[]): void {
    for (const row of rows) {
      const kind = history.kind[row];
      if (kind === OpKind.setData) continue;
      const counts = kind === OpKind.delete ? this.childDeletes : this.childCreates;
      const parent = this.#nodes.parentOfRow(row);
      counts.set(parent, (counts.get(parent) ?? 0) + 1);
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
        const reader = readers.get(write) ?? NONE;
        log.invalid('applied twice', [write, reader, row], (refer) => {
          const sent = `${showValue(valueId)} was sent once${refer(write)}, with an unknown outcome`;
          const seen = `at ${showZxid(before)}${refer(reader)} and at ${showZxid(mzxid)}${refer(row)}`;
          return `${sent}, and was seen as written ${seen}`;
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
        log.invalid('torn multi', [seen, row], (refer) => {
          const zxids = `at ${showZxid(zxid)}${refer(seen)} and at ${showZxid(other)}${refer(row)}`;
          return `two parts of one multi were seen as written ${zxids}`;
        });
      }
      zxids.set(row, other);
    }
  }
}

/** For each row, the highest zxid of a write that was acknowledged before the row's operation was invoked. */
function acknowledgedBefore(history: History, rows: readonly number[]): Map<number, number> {
  const acknowledged = [];
  for (let row = 0; row < history.size; row++) {
    if (history.outcome[row] === Outcome.ok && isWrite(history.kind[row] ?? 0)) acknowledged.push(row);
  }
  const byCompletion = radixSort(Int32Array.from(acknowledged), history.completeNs);
  const invokeNsOf = (row: number): number => history.invokeNs[row] ?? 0;
  const highest = new Map<number, number>();
  let at = 0;
  let zxid = 0;
  for (const row of [...rows].sort((a, b) => invokeNsOf(a) - invokeNsOf(b))) {
    while (at < byCompletion.length && (history.completeNs[byCompletion[at] ?? 0] ?? 0) < invokeNsOf(row)) {
      zxid = Math.max(zxid, history.zxid[byCompletion[at] ?? 0] ?? 0);
      at++;
    }
    highest.set(row, zxid);
  }
  return highest;
}
