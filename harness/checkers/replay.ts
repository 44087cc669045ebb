import type { History } from '../history/history.ts';
import { isWrite, NONE, OpKind, Outcome } from '../history/op.ts';
import { type AnomalyLog, nodeName, showZxid } from './anomaly-log.ts';
import { reportNode } from './node-finding.ts';
import type { IndeterminateWrites } from './indeterminate.ts';
import { NO_NODE, type NodeIndex } from './node-index.ts';
import { radixSort } from './radix-sort.ts';
import { ReadRules } from './read-rules.ts';
import type { BrokenPromise } from './promises.ts';
import type { Reconciler } from './reconciler.ts';
import { Existence, TreeModel, UNKNOWN } from './tree-model.ts';

/**
 * Goes through a history in the order of its zxids, with the tree that its writes make, and holds every reply
 * against it (reliability: C3, C4, C5, C12).
 *
 * Writes are known by the zxid of their reply, or by that under which they were seen. One pass also checks
 * real time: whoever is told a zxid can't have been told before a write with a lower zxid was even invoked.
 * For two writes that is linearizability; for a read, that it did not see the future. A read may be stale.
 */
export class Replay {
  readonly #history: History;
  readonly #nodes: NodeIndex;
  readonly #writes: IndeterminateWrites;
  readonly #model: TreeModel;
  readonly #rules: ReadRules;
  readonly #reconciler: Reconciler;
  readonly #log: AnomalyLog;
  #lastWrite = NONE;
  #lastWriteZxid = 0;
  /** The write with the latest invocation so far. */
  #latest = NONE;
  #latestInvokeNs = -Infinity;

  constructor(history: History, nodes: NodeIndex, writes: IndeterminateWrites, log: AnomalyLog) {
    this.#history = history;
    this.#nodes = nodes;
    this.#writes = writes;
    this.#model = new TreeModel(nodes);
    this.#rules = new ReadRules({ history, nodes, model: this.#model, writes, log });
    this.#reconciler = this.#rules.reconciler;
    this.#log = log;
  }

  /** Returns how many operations have been held against the tree. */
  run(): number {
    const zxids = this.#zxids();
    const rows = this.#rowsInOrder(zxids);
    const { outcome, kind, inMulti } = this.#history;
    for (const row of rows) {
      const zxid = zxids[row] ?? 0;
      this.#checkRealTime(row, zxid);
      if (outcome[row] === Outcome.fail) {
        if (inMulti[row] === 0 || this.#isFreeOfEarlierParts(row)) this.#rules.checkRefusal(row, zxid);
      } else if (isWrite(kind[row] ?? 0)) {
        this.#checkOwnZxid(row, zxid);
        this.#apply(row, zxid);
      } else if (kind[row] === OpKind.check) {
        this.#checkCondition(row, zxid);
      } else {
        this.#rules.checkRead(row, zxid);
      }
    }
    return rows.length;
  }

  /** Of the replies, and of the indeterminate writes whose zxid is known. */
  #zxids(): Float64Array {
    const { resolved } = this.#writes;
    if (resolved.size === 0) return this.#history.zxid;
    const zxids = this.#history.zxid.slice();
    for (const [row, zxid] of resolved) zxids[row] = zxid;
    return zxids;
  }

  /** By zxid, and at one zxid first what made it, in the order of its parts, and then those who saw it. */
  #rowsInOrder(zxids: Float64Array): Int32Array {
    const { size, outcome, kind } = this.#history;
    const { resolved } = this.#writes;
    const rows = new Int32Array(size);
    const others = new Int32Array(size);
    let count = 0;
    let othersCount = 0;
    for (let row = 0; row < size; row++) {
      if ((zxids[row] ?? NONE) <= 0) continue;
      const isInfo = outcome[row] === Outcome.info;
      if (isInfo && !resolved.has(row)) continue;
      const isMaker =
        outcome[row] !== Outcome.fail && (isWrite(kind[row] ?? 0) || kind[row] === OpKind.check);
      if (isMaker) rows[count++] = row;
      else others[othersCount++] = row;
    }
    rows.set(others.subarray(0, othersCount), count);
    return radixSort(rows.subarray(0, count + othersCount), zxids);
  }

  #checkRealTime(row: number, zxid: number): void {
    const { outcome, kind, invokeNs, completeNs } = this.#history;
    const isUnknown = outcome[row] === Outcome.info;
    if (!isUnknown && (completeNs[row] ?? 0) < this.#latestInvokeNs) {
      const latest = this.#latest;
      const isWriteRow = outcome[row] === Outcome.ok && isWrite(kind[row] ?? 0);
      this.#log.invalid(
        isWriteRow ? 'writes not in real-time order' : 'read from the future',
        [row, latest],
        (refer) => {
          const { zxid: zxids } = this.#history;
          const later = `a write${refer(latest)} was asked for that was given ${showZxid(zxids[latest] ?? NONE)}`;
          return `${this.#name(row)}: a reply of ${showZxid(zxid)} had come${refer(row)} before ${later}`;
        },
      );
    }
    if (outcome[row] === Outcome.fail || !isWrite(kind[row] ?? 0)) return;
    const invoked = invokeNs[row] ?? 0;
    if (invoked > this.#latestInvokeNs) {
      this.#latestInvokeNs = invoked;
      this.#latest = row;
    }
  }

  #checkOwnZxid(row: number, zxid: number): void {
    const last = this.#lastWrite;
    if (zxid === this.#lastWriteZxid && !this.#isSameMulti(last, row)) {
      this.#log.invalid('two writes with one zxid', [last, row], (refer) => {
        return `a write of ${this.#name(last)}${refer(last)} and one of ${this.#name(row)}${refer(row)} both have ${showZxid(zxid)}`;
      });
    }
    this.#lastWrite = row;
    this.#lastWriteZxid = zxid;
  }

  #apply(row: number, zxid: number): void {
    const node = this.#writes.nodeOfSequential.get(row) ?? this.#nodes.nodeOf(row);
    if (node === NO_NODE) {
      this.#log.unknown(
        'impossible record',
        [row],
        (refer) => `a sequential create${refer(row)} without its number`,
      );
      return;
    }
    switch (this.#history.kind[row] ?? OpKind.create) {
      case OpKind.create:
      case OpKind.createSequential:
        this.#create(row, node, zxid);
        return;
      case OpKind.setData:
        this.#set(row, node, zxid);
        return;
      case OpKind.delete:
        this.#delete(row, node, zxid);
        return;
    }
  }

  #create(row: number, node: number, zxid: number): void {
    const history = this.#history;
    const parent = this.#nodes.parentOf(node);
    if (parent !== NO_NODE && !this.#reconciler.makeExist(parent, zxid)) {
      this.#report('child of a missing node', row, parent, zxid, (at, by) => {
        const gone = `its parent was not there${by}`;
        return `${this.#name(row)} was created at ${showZxid(zxid)}${at}, and ${gone}`;
      });
    }
    if (history.kind[row] === OpKind.createSequential) this.#checkSequence(row, zxid);
    if (!this.#reconciler.makeAbsent(node, zxid)) {
      this.#report('created twice', row, node, zxid, (at, by) => {
        const there = `it was there already${by}`;
        return `${this.#name(row)} was created at ${showZxid(zxid)}${at}, and ${there}`;
      });
    }
    this.#model.create(node, zxid, history.valueId[row] ?? NONE, row);
    this.#model.addChild(parent, zxid);
    const version = history.version[row] ?? NONE;
    const czxid = history.czxid[row] ?? NONE;
    if ((version !== NONE && version !== 0) || (czxid !== NONE && czxid !== zxid)) this.#wrongStat(row, zxid);
    else this.#checkOwnMzxid(row, zxid);
  }

  #set(row: number, node: number, zxid: number): void {
    const history = this.#history;
    const model = this.#model;
    const version = history.version[row] ?? NONE;
    const asked = history.askedVersion[row] ?? NONE;
    const czxid = history.czxid[row] ?? NONE;
    const before = version === NONE ? asked : version - 1;
    const isAsModelled =
      model.exists[node] === Existence.yes &&
      (before === NONE || before === model.version[node]) &&
      (czxid === NONE || czxid === model.czxid[node]);
    const isReached = isAsModelled || this.#reachBefore(node, before, czxid, zxid);
    if (!isReached || (asked !== NONE && asked !== before)) {
      this.#report('wrong version', row, node, zxid, (at, by) => {
        const condition = asked === NONE ? '' : ` on version ${asked}`;
        const is = model.exists[node] === Existence.no ? 'missing' : `at version ${model.version[node]}`;
        const told = version === NONE ? 'succeeded' : `made version ${version}`;
        const what = `a setData${condition} ${told} at ${showZxid(zxid)}${at}`;
        return `${this.#name(row)}: ${what}, just before which it was ${is}${by}`;
      });
    }
    if (model.exists[node] !== Existence.yes) model.create(node, czxid === NONE ? UNKNOWN : czxid, NONE, row);
    model.set(node, zxid, history.valueId[row] ?? NONE, row);
    if (version === NONE) {
      model.isTentative[node] = 1;
    } else {
      model.version[node] = version;
      model.confirm(node);
    }
    this.#checkOwnMzxid(row, zxid);
  }

  #reachBefore(node: number, version: number, czxid: number, zxid: number): boolean {
    return (
      this.#reconciler.makeExist(node, zxid) &&
      this.#reconciler.reachIncarnation(node, czxid, zxid) &&
      (version === NONE || this.#reconciler.reachVersion(node, version, zxid))
    );
  }

  #delete(row: number, node: number, zxid: number): void {
    const asked = this.#history.askedVersion[row] ?? NONE;
    if (!this.#reachBefore(node, asked, NONE, zxid)) {
      this.#report('wrong delete', row, node, zxid, (at, by) => {
        const condition = asked === NONE ? '' : ` with version ${asked}`;
        const was = `it was not there${condition} just before that${by}`;
        return `${this.#name(row)} was deleted at ${showZxid(zxid)}${at}, and ${was}`;
      });
    }
    if (!this.#reconciler.makeEmpty(node, zxid)) {
      this.#report('deleted with children', row, node, zxid, (at, by) => {
        const had = `it had ${this.#model.children[node]} children and was there${by}`;
        return `${this.#name(row)} was deleted at ${showZxid(zxid)}${at}, and ${had}`;
      });
    }
    if (this.#model.exists[node] === Existence.yes) this.#model.removeChild(this.#nodes.parentOf(node), zxid);
    this.#model.delete(node, zxid, row);
  }

  #checkCondition(row: number, zxid: number): void {
    const node = this.#nodes.nodeOf(row);
    const asked = this.#history.askedVersion[row] ?? NONE;
    if (this.#reachBefore(node, asked, NONE, zxid)) return;
    this.#report('wrong version', row, node, zxid, (at, by) => {
      const model = this.#model;
      const is = model.exists[node] === Existence.no ? 'missing' : `at version ${model.version[node]}`;
      const passed = `a check for version ${asked} passed at ${showZxid(zxid)}${at}`;
      return `${this.#name(row)}: ${passed}, and it was ${is}${by}`;
    });
  }

  /** C12. The number is the parent's count of creates before this one. */
  #checkSequence(row: number, zxid: number): void {
    const model = this.#model;
    const parent = this.#nodes.parentOfRow(row);
    const sequence = this.#history.sequence[row] ?? NONE;
    // What an unknown write was given is only known from where it was seen.
    if (sequence === NONE || parent === NO_NODE) return;
    const last = model.lastSequence[parent] ?? NONE;
    const lastRow = model.lastSequenceRow[parent] ?? NONE;
    model.lastSequence[parent] = sequence;
    model.lastSequenceRow[parent] = row;
    if (last !== NONE && sequence <= last) {
      // In a new parent the numbers begin anew.
      if (this.#reconciler.recreate(parent, zxid)) return;
      const name = sequence === last ? 'duplicate sequence' : 'sequence went down';
      this.#log.invalid(name, [lastRow, row], (refer) => {
        const given = `number ${sequence} was given at ${showZxid(zxid)}${refer(row)}`;
        return `after number ${last}${refer(lastRow)} ${given}, below the same parent`;
      });
      return;
    }
    const expected = model.childCreates[parent] ?? 0;
    const mayBeMore = this.#writes.childCreates.get(parent) ?? 0;
    const isCounted = model.isFromStart[parent] === 1 && model.areChildrenUnknown[parent] === 0;
    if (!isCounted || (sequence >= expected && sequence <= expected + mayBeMore)) return;
    if (this.#reconciler.recreate(parent, zxid)) return;
    this.#log.invalid('wrong sequence', [row], (refer) => {
      const had = `the parent had had ${expected} children, and up to ${mayBeMore} more that nobody was told of`;
      return `number ${sequence} was given at ${showZxid(zxid)}${refer(row)}; ${had}`;
    });
  }

  #checkOwnMzxid(row: number, zxid: number): void {
    const mzxid = this.#history.mzxid[row] ?? NONE;
    if (mzxid !== NONE && mzxid !== zxid) this.#wrongStat(row, zxid);
  }

  #wrongStat(row: number, zxid: number): void {
    const { version, czxid, mzxid } = this.#history;
    this.#log.invalid('wrong stat', [row], (refer) => {
      const zxids = `czxid ${showZxid(czxid[row] ?? NONE)}, mzxid ${showZxid(mzxid[row] ?? NONE)}`;
      const write = `the write at ${showZxid(zxid)}${refer(row)}`;
      return `${this.#name(row)}: ${write} was answered with version ${version[row]}, ${zxids}`;
    });
  }

  /** `explain`: `at` refers to the row, and `by` to what has made the node what it is. */
  #report(
    name: BrokenPromise,
    row: number,
    node: number,
    zxid: number,
    explain: (at: string, by: string) => string,
  ): void {
    const found = { name, row, node, zxid, isSeenAbsent: name === 'created twice' };
    const to = { log: this.#log, model: this.#model, reconciler: this.#reconciler };
    reportNode(found, to, explain);
  }

  #isSameMulti(a: number, b: number): boolean {
    const { inMulti, process, xid } = this.#history;
    return inMulti[a] === 1 && inMulti[b] === 1 && process[a] === process[b] && xid[a] === xid[b];
  }

  /** A part that failed saw what the parts before it had done, which then never was. */
  #isFreeOfEarlierParts(row: number): boolean {
    const node = this.#nodes.nodeOf(row);
    const parent = this.#nodes.parentOfRow(row);
    for (let part = row - 1; part >= 0 && this.#isSameMulti(part, row); part--) {
      const touched = this.#nodes.nodeOf(part);
      if (touched === node || touched === parent) return false;
    }
    return true;
  }

  #name(row: number): string {
    return nodeName(this.#history.key[row] ?? NONE, this.#history.sequence[row] ?? NONE);
  }
}
