import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { nodeDigest } from './digest.ts';
import type { NodeStat, Znode } from './znode.ts';

/** A node as it will be once the requests before the one being prepared are applied. */
export class NodeRecord implements NodeStat {
  /** The `OutstandingChanges` it is one of. */
  readonly owner: object;
  path: string;
  /** The node of the tree that this is about; null if it is one that an outstanding txn makes, or removes. */
  node: Znode | null = null;
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
  /** Of the data that this change gives the node; null if it leaves it alone. */
  newDataLength: number | null = null;
  pathCrc = 0;
  contentCrc = 0;
  digest = 0;
  /** What stood for this path before, if that was a record too; to go back to in `rollBack`. */
  previous: NodeRecord | undefined = undefined;

  constructor(owner: object, path: string) {
    this.owner = owner;
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
    this.newDataLength = null;
    this.pathCrc = node.pathCrc;
    this.contentCrc = node.contentCrc;
    this.digest = node.digest;
    if (node instanceof NodeRecord) {
      this.node = node.node;
      this.previous = node;
    } else {
      this.node = node;
      this.previous = undefined;
    }
  }

  /** The digest that this record's node has in the tree, recomputed from its stat. */
  computeDigest(): number {
    return nodeDigest(this.path, this.contentCrc, this);
  }
}
