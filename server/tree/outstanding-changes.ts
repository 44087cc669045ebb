import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { RingQueue } from '../base/ring-queue.ts';
import type { AclCache } from './acl-cache.ts';
import { nodeDigest } from './digest.ts';
import type { NodeStat, Znode } from './znode.ts';

/** As many as may well be outstanding at once. */
const SPARE_MAX = 4096;
const NO_RECORDS: readonly NodeRecord[] = [];

/** A node as it will be once the requests before the one being prepared are applied. */
export class NodeRecord implements NodeStat {
  path: string;
  /** The txn that changes it. */
  zxid: Zxid = ZXID_ZERO;
  removed = false;
  czxid: Zxid = ZXID_ZERO;
  mzxid: Zxid = ZXID_ZERO;
  ctime = 0;
  mtime = 0;
  version = 0;
  cversion = 0;
  aversion = 0;
  ephemeralOwner: SessionId = NO_SESSION;
  pzxid: Zxid = ZXID_ZERO;
  aclId = 0;
  /** Whether it is this record's change that gives the node its ACL. */
  holdsAcl = false;
  childCount = 0;
  contentCrc = 0;
  digest = 0;
  /** What stood for this path before, if that was a record too; to go back to in `rollBack`. */
  previous: NodeRecord | undefined = undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Becomes a record of what `node` is now. */
  copyFrom(path: string, node: Znode | NodeRecord): void {
    this.path = path;
    this.removed = false;
    this.czxid = node.czxid;
    this.mzxid = node.mzxid;
    this.ctime = node.ctime;
    this.mtime = node.mtime;
    this.version = node.version;
    this.cversion = node.cversion;
    this.aversion = node.aversion;
    this.ephemeralOwner = node.ephemeralOwner;
    this.pzxid = node.pzxid;
    this.aclId = node.aclId;
    this.holdsAcl = false;
    this.childCount = node.childCount;
    this.contentCrc = node.contentCrc;
    this.digest = node.digest;
    this.previous = node instanceof NodeRecord ? node : undefined;
  }

  /** The digest that this record's node has in the tree, recomputed from its stat. */
  computeDigest(): number {
    return nodeDigest(this.path === '/' ? '' : this.path, this.contentCrc, this);
  }
}

/**
 * What the proposed and not yet applied txns will have changed. A request is checked against the tree as these
 * leave it, not as it is (trap 38): two pipelined creates of one path must not both succeed.
 */
export class OutstandingChanges {
  readonly #latest = new Map<string, NodeRecord>();
  readonly #inOrder = new RingQueue<NodeRecord>();
  /** The records that make a node with an owner, by that owner. */
  readonly #owned = new Map<SessionId, Set<NodeRecord>>();
  readonly #acls: AclCache;
  /** Records whose txns are applied, to be used again: there is one for every write. */
  readonly #spare: NodeRecord[] = [];

  /** `acls`: where records that hold an ACL have retained it. */
  constructor(acls: AclCache) {
    this.#acls = acls;
  }

  /** A record that begins as what `node` is now; to be changed and then added. */
  recordOf(path: string, node: Znode | NodeRecord): NodeRecord {
    const record = this.#spare.pop() ?? new NodeRecord(path);
    record.copyFrom(path, node);
    return record;
  }

  get(path: string): NodeRecord | undefined {
    return this.#latest.get(path);
  }

  add(record: NodeRecord): void {
    this.#latest.set(record.path, record);
    this.#inOrder.push(record);
    if (record.ephemeralOwner !== NO_SESSION && record.czxid === record.zxid) this.#own(record);
  }

  /**
   * The txn has been applied: the tree itself shows what it changed. Its records are used again from now on,
   * so nobody may hold one beyond this.
   */
  removeThrough(zxid: Zxid): void {
    for (;;) {
      const record = this.#inOrder.peek();
      if (record === undefined || record.zxid > zxid) return;
      this.#inOrder.shift();
      this.#letGo(record);
      if (this.#latest.get(record.path) === record) this.#latest.delete(record.path);
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
      const { previous } = record;
      if (previous === undefined) this.#latest.delete(record.path);
      else this.#latest.set(record.path, previous);
      this.#letGo(record);
    }
  }

  #own(record: NodeRecord): void {
    const owned = this.#owned.get(record.ephemeralOwner);
    if (owned === undefined) this.#owned.set(record.ephemeralOwner, new Set([record]));
    else owned.add(record);
  }

  /** The record is outstanding no more. */
  #letGo(record: NodeRecord): void {
    // Or the changes of one node would all be kept alive by the last of them.
    record.previous = undefined;
    if (record.holdsAcl) this.#acls.release(record.aclId);
    if (record.ephemeralOwner === NO_SESSION) return;
    const owned = this.#owned.get(record.ephemeralOwner);
    if (owned?.delete(record) === true && owned.size === 0) this.#owned.delete(record.ephemeralOwner);
  }
}
