import { NONE } from '../history/op.ts';
import type { IndeterminateWrites } from './indeterminate.ts';
import { NO_NODE, type NodeIndex } from './node-index.ts';
import { Existence, type TreeModel, UNKNOWN, UNSEEN } from './tree-model.ts';

export interface SeenStat {
  readonly version: number;
  readonly czxid: number;
  readonly mzxid: number;
}

/**
 * Where what was seen isn't what the known writes make, looks for unknown writes that explain it, and puts
 * the model there.
 *
 * Each explains one change once, and the explanation with the fewest of them is taken. A candidate may have
 * happened at any time after it was invoked, so using the most restricted one first never spoils a later
 * explanation, except when nodes were deleted and made again by unknown writes; then `isUndecided`.
 */
export class Reconciler {
  readonly #model: TreeModel;
  readonly #nodes: NodeIndex;
  readonly #writes: IndeterminateWrites;

  constructor(model: TreeModel, nodes: NodeIndex, writes: IndeterminateWrites) {
    this.#model = model;
    this.#nodes = nodes;
    this.#writes = writes;
  }

  /** Every method returns whether the model is now as asked. */
  makeExist(node: number, zxid: number): boolean {
    const model = this.#model;
    if (model.exists[node] === Existence.yes) return true;
    if (model.exists[node] === Existence.unknown) return this.#adopt(node);
    if (this.#writes.takeCreate(node, zxid) === undefined) return false;
    // Whoever made the parent did so before: made later, it would begin to count its children anew.
    const parent = this.#nodes.parentOf(node);
    if (parent !== NO_NODE) this.makeExist(parent, zxid);
    model.create(node, UNKNOWN, UNSEEN, NONE);
    model.addChild(parent, UNKNOWN);
    return true;
  }

  makeAbsent(node: number, zxid: number): boolean {
    const model = this.#model;
    if (model.exists[node] === Existence.no) return true;
    if (model.exists[node] === Existence.unknown) {
      model.exists[node] = Existence.no;
      return true;
    }
    if (!this.#takeDelete(node, zxid) || !this.makeEmpty(node, zxid)) return false;
    model.delete(node, UNKNOWN, NONE);
    model.removeChild(this.#nodes.parentOf(node), UNKNOWN);
    return true;
  }

  /** Without children, as a node must be that is deleted. */
  makeEmpty(node: number, zxid: number): boolean {
    if (this.#model.children[node] === 0 && this.#model.areChildrenUnknown[node] === 0) return true;
    return this.#nodes.sequentialChildrenOf(node).every((child) => this.makeAbsent(child, zxid));
  }

  /** From the version the model has to a higher one, an unknown setData for each step. */
  raiseVersion(node: number, version: number, zxid: number): boolean {
    const model = this.#model;
    const before = model.version[node] ?? 0;
    const isTentative = model.isTentative[node] === 1;
    if (before !== UNKNOWN) {
      if (version < before) return false;
      for (let at = before; at < version; at++) {
        const from = isTentative ? (model.confirmedVersion[node] ?? 0) : at;
        const to = isTentative ? version - 1 : at;
        if (this.#writes.setsOf(node)?.take({ from, to }, zxid) === undefined) return false;
      }
    }
    model.version[node] = version;
    // Where the state is tentative they may have come before the last known write, which then is still there.
    if (isTentative || before === UNKNOWN || before === version) return true;
    model.mzxid[node] = UNKNOWN;
    model.valueId[node] = UNSEEN;
    model.lastWrite[node] = NONE;
    return true;
  }

  /** To a version that may be lower than the model's: then the node was deleted and made again. */
  reachVersion(node: number, version: number, zxid: number): boolean {
    const isLower = version < (this.#model.version[node] ?? 0) && this.#model.version[node] !== UNKNOWN;
    if (isLower && !this.recreate(node, zxid)) return false;
    return this.raiseVersion(node, version, zxid);
  }

  /** To the Stat that a reply at `zxid` showed. */
  reachStat(node: number, seen: SeenStat, zxid: number): boolean {
    const model = this.#model;
    if (!this.makeExist(node, zxid)) return false;
    if (!this.reachIncarnation(node, seen.czxid, zxid)) return false;

    const mzxid = model.mzxid[node] ?? 0;
    const isVersionRight = seen.version === NONE || seen.version === model.version[node];
    if (!isVersionRight && !this.raiseVersion(node, seen.version, zxid)) return false;
    if (!this.#reachMzxid(node, seen.mzxid, mzxid, zxid)) return false;
    if (seen.version !== NONE && seen.mzxid !== NONE) model.confirm(node);
    return true;
  }

  /**
   * Whether what could not be explained might still be, by a node that unknown writes deleted and made again,
   * perhaps several times, under conditions. That search is not made.
   */
  isUndecided(node: number, zxid: number, isSeenAbsent: boolean): boolean {
    if (this.#writes.deletesOf(node)?.hasLeft(zxid) !== true) return false;
    return isSeenAbsent || this.#writes.hasCreateLeft(node, zxid);
  }

  /** To the node that was made at `czxid`. */
  reachIncarnation(node: number, czxid: number, zxid: number): boolean {
    const model = this.#model;
    if (czxid === NONE || czxid === model.czxid[node]) return true;
    if (model.czxid[node] !== UNKNOWN) {
      if (czxid <= (model.confirmedMzxid[node] ?? 0)) return false;
      const isBeforeLastWrite = czxid < (model.mzxid[node] ?? 0);
      const [mzxid, valueId, lastWrite] = [model.mzxid[node], model.valueId[node], model.lastWrite[node]];
      if (!this.recreate(node, zxid)) return false;
      if (isBeforeLastWrite) {
        // The last known write is still there, and how many were made of the new node isn't known.
        model.mzxid[node] = mzxid ?? UNKNOWN;
        model.valueId[node] = valueId ?? UNSEEN;
        model.lastWrite[node] = lastWrite ?? NONE;
        model.version[node] = UNKNOWN;
        model.isTentative[node] = 1;
      }
    }
    model.czxid[node] = czxid;
    return true;
  }

  /**
   * Deleted and made again by unknown writes, some time after the state was last confirmed. Its children may
   * be of the new one already, so they are left as they are.
   */
  recreate(node: number, zxid: number): boolean {
    const model = this.#model;
    const canBe = this.#writes.hasCreateLeft(node, zxid);
    if (!canBe || model.exists[node] !== Existence.yes || !this.#takeDelete(node, zxid)) return false;
    const [children, creates, pzxid] = [model.children[node], model.childCreates[node], model.pzxid[node]];
    this.#writes.takeCreate(node, zxid);
    model.create(node, UNKNOWN, UNSEEN, NONE);
    model.children[node] = children ?? 0;
    model.childCreates[node] = creates ?? 0;
    model.pzxid[node] = pzxid ?? UNKNOWN;
    model.areChildrenUnknown[node] = 1;
    // Of its parent's children there are as many as before.
    const parent = this.#nodes.parentOf(node);
    model.removeChild(parent, UNKNOWN);
    model.addChild(parent, UNKNOWN);
    return true;
  }

  /** A conditional delete may need unknown writes before it that bring the node to its version. */
  #takeDelete(node: number, zxid: number): boolean {
    const model = this.#model;
    const version = model.version[node] ?? 0;
    const from = model.isTentative[node] === 1 ? (model.confirmedVersion[node] ?? 0) : version;
    const deletes = this.#writes.deletesOf(node);
    if (deletes === undefined) return false;
    if (deletes.take({ from, to: version }, zxid) !== undefined) return true;
    const sets = this.#writes.setsOf(node);
    for (const asked of deletes.askedVersions(zxid)) {
      const steps = asked - version;
      if (steps <= 0 || sets === undefined) continue;
      if (sets.countUpTo(steps, { from, to: asked - 1 }, zxid) < steps) continue;
      if (this.raiseVersion(node, asked, zxid))
        return deletes.take({ from: asked, to: asked }, zxid) !== undefined;
    }
    return false;
  }

  #reachMzxid(node: number, seen: number, before: number, zxid: number): boolean {
    const model = this.#model;
    if (seen === NONE || seen === model.mzxid[node]) return true;
    const isUnsure = model.mzxid[node] === UNKNOWN || model.isTentative[node] === 1;
    if (!isUnsure || seen > zxid || seen <= before) return false;
    model.mzxid[node] = seen;
    model.valueId[node] = UNSEEN;
    model.lastWrite[node] = NONE;
    return true;
  }

  /** The root was there before the run. What it is, the next that is seen of it says. */
  #adopt(node: number): boolean {
    const model = this.#model;
    model.create(node, UNKNOWN, UNKNOWN, NONE);
    model.version[node] = UNKNOWN;
    model.isFromStart[node] = 0;
    return true;
  }
}
