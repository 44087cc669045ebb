import { ErrorCode } from '../../server/wire/error-code.ts';
import { keeperErrorName } from '../client/keeper-errors.ts';
import type { History } from '../history/history.ts';
import { NONE, OpKind } from '../history/op.ts';
import { type AnomalyLog, nodeName, showValue, showZxid } from './anomaly-log.ts';
import { reportNode } from './node-finding.ts';
import { wrongChildrenOf } from './children-rules.ts';
import type { IndeterminateWrites } from './indeterminate.ts';
import { NO_NODE, type NodeIndex } from './node-index.ts';
import type { BrokenPromise } from './promises.ts';
import { Reconciler } from './reconciler.ts';
import { Existence, type TreeModel, UNKNOWN, UNSEEN } from './tree-model.ts';
import { ValueOrigins } from './value-origin.ts';

/**
 * What an operation without an effect of its own says about the tree at its zxid: a read shows a node's Stat
 * and value there (reliability: C4), a refusal shows what stood in the way. Either must be what the model has.
 */
export class ReadRules {
  readonly #history: History;
  readonly #nodes: NodeIndex;
  readonly #model: TreeModel;
  readonly #writes: IndeterminateWrites;
  readonly #reconciler: Reconciler;
  readonly #origins: ValueOrigins;
  readonly #log: AnomalyLog;

  constructor(parts: {
    readonly history: History;
    readonly nodes: NodeIndex;
    readonly model: TreeModel;
    readonly writes: IndeterminateWrites;
    readonly log: AnomalyLog;
  }) {
    this.#history = parts.history;
    this.#nodes = parts.nodes;
    this.#model = parts.model;
    this.#writes = parts.writes;
    this.#reconciler = new Reconciler(parts.model, parts.nodes, parts.writes);
    this.#origins = new ValueOrigins(parts.history, parts.nodes);
    this.#log = parts.log;
  }

  checkRead(row: number, zxid: number): void {
    const kind = this.#history.kind[row];
    const node = this.#nodes.nodeOf(row);
    if (kind === OpKind.sync || node === NO_NODE) return;
    if (this.#isStatOfModel(row, node)) {
      if (this.#model.isTentative[node] === 1 && this.#history.version[row] !== NONE)
        this.#model.confirm(node);
    } else if (!this.#reachSeenStat(row, node, zxid)) {
      this.#wrongStat(row, node, zxid);
      return;
    }
    if (kind === OpKind.getData) this.#checkValue(row, node, zxid);
    if (kind === OpKind.getChildren) this.#checkChildren(row, node, zxid);
  }

  /** A definite refusal. Codes that don't depend on the tree say nothing about it. */
  checkRefusal(row: number, zxid: number): void {
    const history = this.#history;
    const kind = history.kind[row] ?? 0;
    const error = history.error[row] ?? 0;
    const isCreate = kind === OpKind.create || kind === OpKind.createSequential;
    const node =
      isCreate && error === ErrorCode.noNode ? this.#nodes.parentOfRow(row) : this.#nodes.nodeOf(row);
    if (node === NO_NODE) return;
    switch (error) {
      case ErrorCode.noNode:
        if (!this.#reconciler.makeAbsent(node, zxid)) this.#wrongRefusal('missing node', row, node, zxid);
        return;
      case ErrorCode.nodeExists:
        if (!this.#reconciler.makeExist(node, zxid)) this.#wrongRefusal('resurrected node', row, node, zxid);
        return;
      case ErrorCode.badVersion:
        if (!this.#isVersionOtherThan(node, history.askedVersion[row] ?? NONE, zxid)) {
          this.#wrongRefusal('wrong refusal', row, node, zxid);
        }
        return;
      case ErrorCode.notEmpty:
        if (this.#model.children[node] === 0 && !this.#isUncertainParent(node)) {
          this.#wrongRefusal('wrong refusal', row, node, zxid);
        }
        return;
    }
  }

  /** The state a write's reply is compared with, if it isn't what the model has. */
  get reconciler(): Reconciler {
    return this.#reconciler;
  }

  #isStatOfModel(row: number, node: number): boolean {
    const history = this.#history;
    const model = this.#model;
    if (model.exists[node] !== Existence.yes) return false;
    const version = history.version[row];
    const mzxid = history.mzxid[row];
    const czxid = history.czxid[row];
    return (
      (version === model.version[node] || version === NONE) &&
      (mzxid === model.mzxid[node] || mzxid === NONE) &&
      (czxid === model.czxid[node] || czxid === NONE)
    );
  }

  #reachSeenStat(row: number, node: number, zxid: number): boolean {
    const history = this.#history;
    const seen = {
      version: history.version[row] ?? NONE,
      czxid: history.czxid[row] ?? NONE,
      mzxid: history.mzxid[row] ?? NONE,
    };
    return this.#reconciler.reachStat(node, seen, zxid);
  }

  #checkValue(row: number, node: number, zxid: number): void {
    const seen = this.#history.valueId[row] ?? NONE;
    const model = this.#model;
    const expected = model.valueId[node] ?? NONE;
    if (seen === expected || (seen === NONE && expected === UNSEEN)) return;
    if (expected === UNKNOWN) {
      model.valueId[node] = seen;
      return;
    }
    const origin = this.#origins.originOf(seen, node, zxid);
    const lastWrite = model.lastWrite[node] ?? NONE;
    this.#log.invalid(origin.anomaly, [row, lastWrite, origin.row], (refer) => {
      const read = `${showValue(seen)} was read at ${showZxid(zxid)}${refer(row)}`;
      const is = `it holds ${showValue(expected)} there${refer(lastWrite)}`;
      return `${this.#name(node, row)}: ${read}, and ${is}; ${origin.words}${refer(origin.row)}`;
    });
  }

  #checkChildren(row: number, node: number, zxid: number): void {
    const seen = this.#history.children.get(row);
    if (seen === undefined) return;
    const wrong = wrongChildrenOf(seen, node, this.#model, this.#writes);
    if (wrong === null) return;
    this.#log.invalid(wrong.name, [row], (refer) => {
      return `at ${showZxid(zxid)}${refer(row)} ${this.#name(node, row)} ${wrong.words}`;
    });
  }

  #isVersionOtherThan(node: number, asked: number, zxid: number): boolean {
    const model = this.#model;
    if (!this.#reconciler.makeExist(node, zxid)) return false;
    if (model.version[node] !== asked) return true;
    return this.#reconciler.raiseVersion(node, asked + 1, zxid);
  }

  #isUncertainParent(node: number): boolean {
    const { isFromStart, areChildrenUnknown } = this.#model;
    return this.#writes.childCreates.has(node) || isFromStart[node] === 0 || areChildrenUnknown[node] === 1;
  }

  #wrongStat(row: number, node: number, zxid: number): void {
    const history = this.#history;
    const model = this.#model;
    const seen = `version ${history.version[row]}, mzxid ${showZxid(history.mzxid[row] ?? NONE)}`;
    if (model.exists[node] === Existence.no) {
      this.#report('resurrected node', row, node, zxid, (at, by) => {
        const there = `${this.#name(node, row)} was seen at ${showZxid(zxid)} with ${seen}${at}`;
        return `${there}, and does not exist there${by}`;
      });
      return;
    }
    const isOlder = (history.mzxid[row] ?? NONE) < (model.mzxid[node] ?? NONE);
    this.#report(isOlder ? 'stale read' : 'wrong stat', row, node, zxid, (at, by) => {
      const is = `version ${model.version[node]}, mzxid ${showZxid(model.mzxid[node] ?? NONE)}`;
      const [wasBorn, isBorn] = [history.czxid[row] ?? NONE, model.czxid[node] ?? NONE];
      const there = `${this.#name(node, row)} was seen at ${showZxid(zxid)} with ${seen}, czxid ${showZxid(wasBorn)}${at}`;
      return `${there}, and is at ${is}, czxid ${showZxid(isBorn)} there${by}`;
    });
  }

  #wrongRefusal(name: BrokenPromise, row: number, node: number, zxid: number): void {
    const model = this.#model;
    this.#report(name, row, node, zxid, (at, by) => {
      const is =
        model.exists[node] === Existence.no ? 'does not exist' : `is at version ${model.version[node]}`;
      const asked = this.#history.askedVersion[row] ?? NONE;
      const condition = asked === NONE ? '' : ` to a request for version ${asked}`;
      const answer = `${keeperErrorName(this.#history.error[row] ?? 0)} was answered${condition}`;
      const there = `${answer} at ${showZxid(zxid)}${at}`;
      return `${this.#name(node, row)}: ${there}, and it ${is} there${by}`;
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
    const found = { name, row, node, zxid, isSeenAbsent: name === 'missing node' };
    const to = { log: this.#log, model: this.#model, reconciler: this.#reconciler };
    reportNode(found, to, explain);
  }

  #name(node: number, row: number): string {
    const sequence = this.#history.sequence[row] ?? NONE;
    const isParent = node !== this.#nodes.nodeOf(row);
    return nodeName(this.#history.key[row] ?? NONE, isParent ? NONE : sequence);
  }
}
