import type { Zxid } from '../base/zxid.ts';
import { hasParent, parentOf } from './path.ts';

export const WatchEventType = {
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
} as const;

export type WatchEventType = (typeof WatchEventType)[keyof typeof WatchEventType];

/** How a watcher watches a path; one may do so in several ways at once. Bits. */
export const WatchMode = {
  /** Told once. */
  standard: 1,
  /** Told of every change. */
  persistent: 2,
  /** Told of every change of this node and of those below it. */
  recursive: 4,
} as const;

export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode];

/** A connection, as the tree sees it: somebody who asked to be told. */
export interface Watcher {
  /** Called while the txn `zxid` is applied, before any reply that could show it is written (protocol §1.9.3). */
  onWatchEvent(type: WatchEventType, path: string, zxid: Zxid, aclId: number): void;
}

/**
 * One table of watches, keyed by path and by connection (protocol §1.8). They belong to the connection and are
 * forgotten with it. Watchers of a path fire in the order they registered, those of its ancestors after them.
 */
export class WatchManager {
  readonly #byPath = new Map<string, Map<Watcher, number>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  #count = 0;
  /** While there are none, a change is looked up at its own path alone. */
  #recursiveCount = 0;

  add(path: string, watcher: Watcher, mode: WatchMode = WatchMode.standard): void {
    let watchers = this.#byPath.get(path);
    if (watchers === undefined) this.#byPath.set(path, (watchers = new Map<Watcher, number>()));
    this.#setModes(path, watchers, watcher, (watchers.get(watcher) ?? 0) | mode);
  }

  /** Whether this watcher watches this very path, in that way or, with null, in any. */
  has(path: string, watcher: Watcher, mode: WatchMode | null): boolean {
    const modes = this.#byPath.get(path)?.get(watcher) ?? 0;
    return mode === null ? modes !== 0 : (modes & mode) !== 0;
  }

  /** Ends it, in that way or, with null, in all. False if there was nothing to end. */
  remove(path: string, watcher: Watcher, mode: WatchMode | null): boolean {
    if (!this.has(path, watcher, mode)) return false;
    const watchers = this.#byPath.get(path) as Map<Watcher, number>;
    const modes = watchers.get(watcher) as number;
    this.#setModes(path, watchers, watcher, mode === null ? 0 : modes & ~mode);
    return true;
  }

  /**
   * Tells those who watch a path, once each, and forgets who wanted to be told once. `told` are connections that
   * already got this event from the other table and do not get it twice. Returns whom it concerned, or null for
   * nobody.
   */
  trigger(
    path: string,
    type: WatchEventType,
    zxid: Zxid,
    aclId: number,
    told: ReadonlySet<Watcher> | null = null,
  ): ReadonlySet<Watcher> | null {
    if (this.#count === 0) return null;
    const watchers = this.#takeAt(path);
    const all = this.#recursiveCount === 0 ? watchers : this.#withThoseAbove(path, watchers);
    if (all === null) return null;
    for (const watcher of all) {
      if (told === null || !told.has(watcher)) watcher.onWatchEvent(type, path, zxid, aclId);
    }
    return all;
  }

  removeWatcher(watcher: Watcher): void {
    for (const path of this.#byWatcher.get(watcher) ?? []) this.remove(path, watcher, null);
  }

  /** Pairs of a path and a connection that watches it, in however many ways. */
  get count(): number {
    return this.#count;
  }

  /** How many paths this one watches. */
  countOf(watcher: Watcher): number {
    return this.#byWatcher.get(watcher)?.size ?? 0;
  }

  get pathCount(): number {
    return this.#byPath.size;
  }

  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  /**
   * Every path that is watched, with its watchers. As `watchers` it may be gone through while watches come and go: it
   * lists those paths that are there at the beginning, with whoever watches each when it is reached.
   */
  *paths(): Iterable<readonly [string, readonly Watcher[]]> {
    for (const path of Array.from(this.#byPath.keys())) {
      const watchers = this.#byPath.get(path);
      if (watchers !== undefined) yield [path, Array.from(watchers.keys())];
    }
  }

  /** Everybody who watches, with the paths. */
  *watchers(): Iterable<readonly [Watcher, readonly string[]]> {
    for (const watcher of Array.from(this.#byWatcher.keys())) {
      const paths = this.#byWatcher.get(watcher);
      if (paths !== undefined) yield [watcher, Array.from(paths)];
    }
  }

  #takeAt(path: string): Set<Watcher> | null {
    const watchers = this.#byPath.get(path);
    if (watchers === undefined) return null;
    const taken = new Set(watchers.keys());
    for (const [watcher, modes] of watchers) {
      this.#setModes(path, watchers, watcher, modes & ~WatchMode.standard);
    }
    return taken;
  }

  #withThoseAbove(path: string, watchers: Set<Watcher> | null): Set<Watcher> | null {
    let all = watchers;
    for (let above = path; above !== '/' && hasParent(above);) {
      above = parentOf(above);
      for (const [watcher, modes] of this.#byPath.get(above) ?? []) {
        if ((modes & WatchMode.recursive) !== 0) (all ??= new Set()).add(watcher);
      }
    }
    return all;
  }

  #setModes(path: string, watchers: Map<Watcher, number>, watcher: Watcher, modes: number): void {
    const before = watchers.get(watcher) ?? 0;
    if (modes === before) return;
    this.#recursiveCount += recursiveIn(modes) - recursiveIn(before);
    if (modes === 0) this.#forget(path, watchers, watcher);
    else watchers.set(watcher, modes);
    if (before !== 0) return;
    this.#count++;
    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) this.#byWatcher.set(watcher, new Set([path]));
    else paths.add(path);
  }

  #forget(path: string, watchers: Map<Watcher, number>, watcher: Watcher): void {
    this.#count--;
    watchers.delete(watcher);
    if (watchers.size === 0) this.#byPath.delete(path);
    const paths = this.#byWatcher.get(watcher);
    if (paths?.delete(path) === true && paths.size === 0) this.#byWatcher.delete(watcher);
  }
}

function recursiveIn(modes: number): number {
  return (modes & WatchMode.recursive) === 0 ? 0 : 1;
}
