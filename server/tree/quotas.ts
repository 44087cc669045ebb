import { isBelow, nameOf, parentOf } from './path.ts';
import { QuotaText } from './quota-text.ts';
import type { Znode } from './znode.ts';

const ROOT = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';

/** A limit that a request would go beyond. */
export interface QuotaExcess {
  /** Of the limited node. */
  readonly path: string;
  readonly what: 'count' | 'bytes';
  /** Otherwise nobody is refused, and somebody should be told. */
  readonly isHard: boolean;
  readonly limit: number;
  readonly wanted: number;
}

const NONE: readonly QuotaExcess[] = [];

/** What quotas need of the tree they are kept in. */
export interface QuotaTree {
  get(path: string): Znode | undefined;
  /** Changes a node's data on this server alone: no txn, and nothing of its stat. */
  setLocally(node: Znode, data: Uint8Array): void;
}

/**
 * How many nodes there may be at and below a path, and how many bytes in them (protocol §1.7). The limits are a node
 * `/zookeeper/quota<path>/zookeeper_limits` that clients write; the node `zookeeper_stats` beside it shows the use,
 * kept by each server on its own. Of limits one inside the other the inner counts alone.
 */
export class Quotas {
  readonly #tree: QuotaTree;
  /** Paths that have limits. */
  readonly #limited = new Set<string>();

  constructor(tree: QuotaTree) {
    this.#tree = tree;
  }

  /** The tree came from a snapshot: the limits are looked for, and what they limit is counted. */
  rebuild(): void {
    this.#limited.clear();
    for (const [path] of this.#nodesFrom(ROOT)) {
      if (nameOf(path) !== LIMITS) continue;
      this.#limit(path);
      this.#recount(parentOf(path));
    }
  }

  /** Called when the node is there. */
  onCreated(path: string, bytes: number): void {
    if (isBelow(path, ROOT)) {
      const name = nameOf(path);
      if (name === LIMITS) this.#limit(path);
      else if (name === STATS) this.#recount(parentOf(path));
    }
    this.onChanged(path, 1, bytes);
  }

  /** Called when the node is gone. */
  onDeleted(path: string, bytes: number): void {
    if (nameOf(path) === LIMITS && isBelow(path, ROOT)) this.#limited.delete(limitedBy(path));
    this.onChanged(path, -1, -bytes);
  }

  onChanged(path: string, count: number, bytes: number): void {
    const limited = this.#limitedAbove(path);
    const stats = limited === null ? undefined : this.#tree.get(`${ROOT}${limited}/${STATS}`);
    if (stats === undefined) return;
    const text = new QuotaText(stats.data);
    text.set('count', text.get('count') + count);
    text.set('bytes', text.get('bytes') + bytes);
    this.#tree.setLocally(stats, text.bytes());
  }

  /**
   * Which limits so many nodes and bytes more at this path are beyond, the number of nodes first; a soft limit counts
   * only where there is no hard one. What is asked for and not yet done does not count, as in Apache: clients that hurry
   * can go beyond by what they have in flight.
   */
  exceededBy(path: string, count: number, bytes: number): readonly QuotaExcess[] {
    const limited = this.#limitedAbove(path);
    if (limited === null) return NONE;
    const limits = this.#tree.get(`${ROOT}${limited}/${LIMITS}`);
    const stats = this.#tree.get(`${ROOT}${limited}/${STATS}`);
    if (limits === undefined || stats === undefined) return NONE;
    const most = new QuotaText(limits.data);
    const used = new QuotaText(stats.data);
    return [
      excessOf(limited, 'count', { hard: most.get('countHardLimit'), soft: most.get('count') }, used, count),
      excessOf(limited, 'bytes', { hard: most.get('byteHardLimit'), soft: most.get('bytes') }, used, bytes),
    ].filter((excess) => excess !== null);
  }

  /** The nearest path with limits, at or above this one. */
  #limitedAbove(path: string): string | null {
    if (this.#limited.size === 0) return null;
    for (let at = path; at !== '/'; at = parentOf(at)) if (this.#limited.has(at)) return at;
    return null;
  }

  /** The whole tree has no limits: nobody could create the node that would lift them. */
  #limit(limitsPath: string): void {
    const limited = limitedBy(limitsPath);
    if (limited !== '') this.#limited.add(limited);
  }

  #recount(quotaPath: string): void {
    const stats = this.#tree.get(`${quotaPath}/${STATS}`);
    if (stats === undefined) return;
    let count = 0;
    let bytes = 0;
    for (const [, node] of this.#nodesFrom(quotaPath.slice(ROOT.length))) {
      count++;
      bytes += node.dataLength;
    }
    const text = new QuotaText(null);
    text.set('count', count);
    text.set('bytes', bytes);
    this.#tree.setLocally(stats, text.bytes());
  }

  /** The node, if it is there, and all below it. Their depth costs no stack. */
  *#nodesFrom(top: string): Iterable<readonly [string, Znode]> {
    const pending = [top];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      const node = this.#tree.get(path);
      if (node === undefined) continue;
      yield [path, node];
      for (const name of node.children ?? []) pending.push(`${path}/${name}`);
    }
  }
}

/** `/a` of `/zookeeper/quota/a/zookeeper_limits`; "" for limits of the whole tree. */
function limitedBy(limitsPath: string): string {
  return parentOf(limitsPath).slice(ROOT.length);
}

function excessOf(
  path: string,
  what: QuotaExcess['what'],
  { hard, soft }: { readonly hard: number; readonly soft: number },
  used: QuotaText,
  more: number,
): QuotaExcess | null {
  const isHard = hard > -1;
  const limit = isHard ? hard : soft;
  const wanted = used.get(what) + more;
  return more !== 0 && limit > -1 && wanted > limit ? { path, what, isHard, limit, wanted } : null;
}
