import { RingQueue } from '../base/ring-queue.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import type { DataTree } from './data-tree.ts';
import { NodeRecord } from './node-record.ts';
import type { Znode } from './znode.ts';

/** As many as may well be outstanding at once. */
const SPARE_MAX = 4096;
const NO_RECORDS: readonly NodeRecord[] = [];

/**
 * What the proposed and not yet applied txns will have changed. A request is checked against the tree as these
 * leave it, not as it is (trap 38): two pipelined creates of one path must not both succeed.
 */
export class OutstandingChanges {
  readonly #tree: DataTree;
  /**
   * The latest record of each path whose node outstanding txns make or remove. That of any other node hangs on the
   * node itself: nearly every write finds there, with one look-up of its path, all it needs to know.
   */
  readonly #displaced = new Map<string, NodeRecord>();
  readonly #inOrder = new RingQueue<NodeRecord>();
  /** The records that make a node with an owner, by that owner. */
  readonly #owned = new Map<SessionId, Set<NodeRecord>>();
  /** Records whose txns are applied, to be used again: there is one for every write. */
  readonly #spare: NodeRecord[] = [];

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  /** What there will be at this path. */
  find(path: string): Znode | NodeRecord | undefined {
    const record = this.#displaced.size === 0 ? undefined : this.#displaced.get(path);
    if (record !== undefined) return record.removed ? undefined : record;
    const node = this.#tree.get(path);
    const latest = node?.outstanding;
    // Where another preparer's work has ended before its changes were applied, they may still hang there.
    return latest?.owner === this ? latest : node;
  }

  /** A record that begins as what `node` is now; to be changed and then added. */
  recordOf(path: string, node: Znode | NodeRecord): NodeRecord {
    const record = this.#spare.pop() ?? new NodeRecord(this, path);
    record.copyFrom(path, node);
    return record;
  }

  /** A record of a node that is not there yet. */
  creationOf(path: string): NodeRecord {
    const record = new NodeRecord(this, path);
    record.previous = this.#displaced.get(path);
    return record;
  }

  /** A record that `node` is there no more. */
  removalOf(path: string, node: Znode | NodeRecord): NodeRecord {
    const record = new NodeRecord(this, path);
    record.removed = true;
    if (node instanceof NodeRecord) record.previous = node;
    return record;
  }

  add(record: NodeRecord): void {
    this.#setLatest(record.path, record);
    this.#inOrder.push(record);
    if (record.ephemeralOwner !== NO_SESSION && record.czxid === record.zxid) this.#own(record);
  }

  /** The oldest of them. */
  get first(): NodeRecord | undefined {
    return this.#inOrder.peek();
  }

  /**
   * The txn has been applied: the tree itself shows what it changed, and takes the digests from here. Its records
   * are used again from now on, so nobody may hold one beyond this.
   */
  removeThrough(zxid: Zxid): void {
    for (;;) {
      const record = this.#inOrder.peek();
      if (record === undefined || record.zxid > zxid) return;
      this.#inOrder.shift();
      this.#tree.adopt(record);
      const { node, path } = record;
      if (node === null) {
        if (this.#displaced.get(path) === record) this.#displaced.delete(path);
      } else if (node.outstanding === record) node.outstanding = null;
      this.#letGo(record);
      if (this.#spare.length < SPARE_MAX) this.#spare.push(record);
    }
  }

  /** What requests of this session will have made, some of which others may delete again. */
  ownedBy(session: SessionId): Iterable<NodeRecord> {
    return this.#owned.get(session) ?? NO_RECORDS;
  }

  /** How many changes there are, to go back to with `rollBack`. */
  get length(): number {
    return this.#inOrder.length;
  }

  /**
   * Forgets the changes after the first `length`: the multi they belong to has failed. Each path shows again
   * what the change before showed, or the tree itself.
   */
  rollBack(length: number): void {
    while (this.#inOrder.length > length) {
      const record = this.#inOrder.pop() as NodeRecord;
      if (record.node === null) this.#displaced.delete(record.path);
      else record.node.outstanding = null;
      if (record.previous !== undefined) this.#setLatest(record.path, record.previous);
      this.#letGo(record);
    }
  }

  #setLatest(path: string, record: NodeRecord): void {
    if (record.node === null) this.#displaced.set(path, record);
    else record.node.outstanding = record;
  }

  #own(record: NodeRecord): void {
    const owned = this.#owned.get(record.ephemeralOwner);
    if (owned === undefined) this.#owned.set(record.ephemeralOwner, new Set([record]));
    else owned.add(record);
  }

  /** The record is outstanding no more. */
  #letGo(record: NodeRecord): void {
    // Or the changes of one node would all be kept alive by the last of them, and the node by a spare record.
    record.previous = undefined;
    record.node = null;
    if (record.holdsAcl) this.#tree.acls.release(record.aclId);
    if (record.ephemeralOwner === NO_SESSION) return;
    const owned = this.#owned.get(record.ephemeralOwner);
    if (owned?.delete(record) === true && owned.size === 0) this.#owned.delete(record.ephemeralOwner);
  }
}
