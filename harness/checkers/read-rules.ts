import { ErrorCode } from '../../server/wire/error-code.ts';
import type { History } from '../history/history.ts';
import { NONE, OpKind } from '../history/op.ts';
import { type AnomalyLog, nodeName, showValue, showZxid } from './anomaly-log.ts';
import { wrongChildrenOf } from './children-rules.ts';
import type { IndeterminateWrites } from './indeterminate.ts';
import { NO_NODE, type NodeIndex } from './node-index.ts';
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
    this.#log.invalid(origin.anomaly, [row, model.lastWrite[node] ?? NONE, origin.row], () => {
      const is = `${this.#name(node, row)} holds ${showValue(expected)} at ${showZxid(zxid)}`;
      return `${is}, and ${showValue(seen)} was read there; ${origin.words}`;
    });
  }

  #checkChildren(row: number, node: number, zxid: number): void {
    const seen = this.#history.children.get(row);
    if (seen === undefined) return;
    const wrong = wrongChildrenOf(seen, node, this.#model, this.#writes);
    if (wrong === null) return;
    this.#log.invalid(wrong.name, [row], () => {
      return `at ${showZxid(zxid)} ${this.#name(node, row)} ${wrong.words}`;
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
    const lastWrite = model.lastWrite[node] ?? NONE;
    if (model.exists[node] === Existence.no) {
      this.#report('resurrected node', [row, lastWrite], node, zxid, () => {
        return `${this.#name(node, row)} does not exist at ${showZxid(zxid)}, and was seen there with ${seen}`;
      });
      return;
    }
    const isOlder = (history.mzxid[row] ?? NONE) < (model.mzxid[node] ?? NONE);
    this.#report(isOlder ? 'stale read' : 'wrong stat', [row, lastWrite], node, zxid, () => {
      const is = `version ${model.version[node]}, mzxid ${showZxid(model.mzxid[node] ?? NONE)}`;
      const ages = `czxid ${showZxid(model.czxid[node] ?? NONE)}; seen: ${showZxid(history.czxid[row] ?? NONE)}`;
      return `${this.#name(node, row)} is at ${is} at ${showZxid(zxid)}, and was seen with ${seen} (${ages})`;
    });
  }

  #wrongRefusal(name: string, row: number, node: number, zxid: number): void {
    const model = this.#model;
    this.#report(name, [row, model.lastWrite[node] ?? NONE], node, zxid, () => {
      const is =
        model.exists[node] === Existence.no ? 'does not exist' : `is at version ${model.version[node]}`;
      const asked = this.#history.askedVersion[row] ?? NONE;
      const condition = asked === NONE ? '' : ` and version ${asked} asked for`;
      const code = this.#history.error[row];
      return `${this.#name(node, row)} ${is} at ${showZxid(zxid)}, and error ${code} was answered${condition}`;
    });
  }

  #report(name: string, rows: readonly number[], node: number, zxid: number, explain: () => string): void {
    if (this.#reconciler.isUndecided(node, zxid, name === 'missing node'))
      this.#log.unknown(`${name}?`, rows, explain);
    else this.#log.invalid(name, rows, explain);
  }

  #name(node: number, row: number): string {
    const sequence = this.#history.sequence[row] ?? NONE;
    const isParent = node !== this.#nodes.nodeOf(row);
    return nodeName(this.#history.key[row] ?? NONE, isParent ? NONE : sequence);
  }
}
