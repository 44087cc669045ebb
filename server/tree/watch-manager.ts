import type { Zxid } from '../base/zxid.ts';

export const WatchEventType = {
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
} as const;

export type WatchEventType = (typeof WatchEventType)[keyof typeof WatchEventType];

/** A connection, as the tree sees it: somebody who asked to be told. */
export interface Watcher {
  /** Called while the txn `zxid` is applied, before any reply that could show it is written (protocol §1.9.3). */
  onWatchEvent(type: WatchEventType, path: string, zxid: Zxid, aclId: number): void;
}

/**
 * One table of one-shot watches, keyed by path and by connection (protocol §1.8). They belong to the
 * connection and are forgotten with it. Watchers of a path fire in the order they registered.
 */
export class WatchManager {
  readonly #byPath = new Map<string, Set<Watcher>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  #count = 0;

  add(path: string, watcher: Watcher): void {
    const watchers = this.#byPath.get(path);
    if (watchers === undefined) this.#byPath.set(path, new Set([watcher]));
    else if (watchers.has(watcher)) return;
    else watchers.add(watcher);

    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) this.#byWatcher.set(watcher, new Set([path]));
    else paths.add(path);
    this.#count++;
  }

  /**
   * Fires and forgets the watches of a path. `told` are connections that already got this event from the
   * other table and do not get it twice. Returns whom it told, or null for nobody.
   */
  trigger(
    path: string,
    type: WatchEventType,
    zxid: Zxid,
    aclId: number,
    told: ReadonlySet<Watcher> | null = null,
  ): ReadonlySet<Watcher> | null {
    if (this.#count === 0) return null;
    const watchers = this.#byPath.get(path);
    if (watchers === undefined) return null;
    this.#byPath.delete(path);
    this.#count -= watchers.size;
    for (const watcher of watchers) {
      this.#forget(watcher, path);
      if (told === null || !told.has(watcher)) watcher.onWatchEvent(type, path, zxid, aclId);
    }
    return watchers;
  }

  removeWatcher(watcher: Watcher): void {
    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) return;
    this.#byWatcher.delete(watcher);
    for (const path of paths) {
      const watchers = this.#byPath.get(path);
      if (watchers === undefined) continue;
      watchers.delete(watcher);
      if (watchers.size === 0) this.#byPath.delete(path);
    }
    this.#count -= paths.size;
  }

  get count(): number {
    return this.#count;
  }

  get pathCount(): number {
    return this.#byPath.size;
  }

  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  #forget(watcher: Watcher, path: string): void {
    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) return;
    paths.delete(path);
    if (paths.size === 0) this.#byWatcher.delete(watcher);
  }
}
