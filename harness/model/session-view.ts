import { EventType } from '../../server/wire/records/watcher-event.ts';
import { type GhostChange, hex, zx } from './ghost-tree.ts';
import type { Model, Subject } from './model.ts';

export type WatchKind = 'data' | 'exist' | 'child';

interface WatchSet {
  readonly kind: WatchKind;
  readonly path: string;
  /** Of the state in which it was set. */
  readonly zxid: number;
  /** Told to a new connection: what was missed is told without its zxid. */
  isRearmed: boolean;
}

/** What one session has been shown, held against the promises made to it: C1, C7, C8. */
export class SessionView {
  readonly id: bigint;
  readonly #model: Model;
  readonly #eventsHaveZxids: boolean;
  #lastZxid = 0;
  /** Of the connection that it has now. */
  #lastReplyZxid = 0;
  #watches: WatchSet[] = [];
  /** Events of this connection, where they have no zxid: of two lists that are told of on their own the first ended both. */
  readonly #told = new Set<string>();

  /** `eventsHaveZxids`: false for servers before 3.9, which say −1 in every event. */
  constructor(model: Model, id: bigint, { eventsHaveZxids = true } = {}) {
    this.#model = model;
    this.id = id;
    this.#eventsHaveZxids = eventsHaveZxids;
  }

  get lastZxid(): number {
    return this.#lastZxid;
  }

  /** A new connection. Returns the paths to tell it, by kind. */
  onConnected(): Record<WatchKind, string[]> {
    this.#lastReplyZxid = 0;
    this.#told.clear();
    const paths: Record<WatchKind, string[]> = { data: [], exist: [], child: [] };
    for (const watch of this.#watches) {
      watch.isRearmed = true;
      paths[watch.kind].push(watch.path);
    }
    return paths;
  }

  setWatch(kind: WatchKind, path: string, zxid: number): void {
    if (this.#watches.some((watch) => watch.kind === kind && watch.path === path)) return;
    this.#watches.push({ kind, path, zxid, isRearmed: false });
  }

  onReply(zxid: number): void {
    if (zxid < this.#lastZxid) {
      this.#report('C1', `had been shown ${zx(this.#lastZxid)}, and is shown ${zx(zxid)} after that`, [
        this.#reply(this.#lastZxid),
      ]);
    }
    this.#lastZxid = Math.max(this.#lastZxid, zxid);
    this.#lastReplyZxid = zxid;
    for (const watch of this.#watches) {
      const change = this.#overdue(watch, zxid);
      if (change !== null) {
        const { kind, path, zxid: setAt } = watch;
        this.#report(
          'C8',
          `has watched ${path} (${kind}) since ${zx(setAt)}, it changed at ${zx(change.zxid)}, and it is shown ${zx(zxid)} with no event before`,
          [this.#reply(setAt, path), { is: 'txn', zxid: change.zxid }],
        );
      }
    }
  }

  /** `zxid` −1: told when the watch was set again. */
  onEvent(type: number, path: string, zxid: number): void {
    const fired = this.#watches.filter((watch) => watch.path === path && this.#explains(watch, type, zxid));
    if (fired.length === 0 && !this.#isRepeated(type, path)) {
      this.#report(
        'C7',
        `is told of event ${type} of ${path}${zxid < 0 ? '' : ` at ${zx(zxid)}`}, and has no watch for which that is the first change`,
        zxid < 0 ? [] : [{ is: 'txn', zxid }],
      );
    }
    if (zxid >= 0 && zxid <= this.#lastReplyZxid) {
      this.#report(
        'C8',
        `had been shown ${zx(this.#lastReplyZxid)} when it was told of event ${type} of ${path} at ${zx(zxid)}`,
        [this.#reply(this.#lastReplyZxid), { is: 'txn', zxid }],
      );
    }
    this.#model.mark(zxid < 0 ? 'watch fired after a reconnect' : 'watch fired');
    // In answer to setWatches each list is told of on its own. Where no event has a zxid it may be any other as well,
    // which ends all.
    if (zxid < 0 && this.#eventsHaveZxids) fired.length = Math.min(fired.length, 1);
    if (!this.#eventsHaveZxids) this.#told.add(`${type} ${path}`);
    this.#watches = this.#watches.filter((watch) => !fired.includes(watch));
  }

  #isRepeated(type: number, path: string): boolean {
    return this.#told.has(`${type} ${path}`);
  }

  #explains(watch: WatchSet, type: number, zxid: number): boolean {
    const changes = this.#changesOf(watch);
    if (!this.#eventsHaveZxids && !watch.isRearmed) {
      return changes.find((change) => change.zxid > watch.zxid)?.type === type;
    }
    if (zxid >= 0) {
      const matches = (change: GhostChange): boolean => change.zxid === zxid && change.type === type;
      const after = changes.filter((change) => change.zxid > watch.zxid);
      return watch.isRearmed ? after.some(matches) : after[0] !== undefined && matches(after[0]);
    }
    if (!watch.isRearmed || !changes.some((change) => change.zxid > watch.zxid)) return false;
    switch (watch.kind) {
      case 'data':
        return type === EventType.nodeDeleted || type === EventType.nodeDataChanged;
      case 'exist':
        return type === EventType.nodeCreated;
      case 'child':
        return type === EventType.nodeDeleted || type === EventType.nodeChildrenChanged;
    }
  }

  /** The change of which it should have told before a reply of this zxid; null if there is none. */
  #overdue(watch: WatchSet, zxid: number): GhostChange | null {
    let first: GhostChange | undefined;
    let count = 0;
    const changes = this.#changesOf(watch);
    for (let i = changes.length - 1; i >= 0; i--) {
      const change = changes[i] as GhostChange;
      if (change.zxid <= watch.zxid) break;
      if (change.zxid > zxid) continue;
      first = change;
      count++;
    }
    if (first === undefined) return null;
    // Created and deleted while nobody was connected: for a new connection nothing has happened.
    return watch.kind === 'exist' && watch.isRearmed && count > 1 ? null : first;
  }

  #changesOf(watch: WatchSet): readonly GhostChange[] {
    return this.#model.tree.changesOf(watch.kind === 'child' ? 'child' : 'data', watch.path);
  }

  #reply(zxid: number, path?: string): Subject {
    return { is: 'reply', session: this.id, zxid, ...(path === undefined ? {} : { path }) };
  }

  #report(property: string, message: string, subjects: readonly Subject[]): void {
    this.#model.report(property, `session ${hex(this.id)} ${message}`, subjects);
  }
}
