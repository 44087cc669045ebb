import { assert } from '../base/assert.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { encodeUtf8Into, utf8Length } from '../base/utf8.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { Acl } from '../wire/records/acl.ts';
import { AclCache, OPEN_ACL_ID } from './acl-cache.ts';
import { DigestSum, contentCrc, crcOfPath, nodeDigest } from './digest.ts';
import { DigestLog } from './digest-log.ts';
import type { NodeRecord } from './node-record.ts';
import { CONFIG_PATH, nameOf, parentOf } from './path.ts';
import { Quotas } from './quotas.ts';
import { RecentNodes } from './recent-nodes.ts';
import { SnapshotView } from './snapshot-view.ts';
import { ValuePool } from './value-pool.ts';
import { WatchEventType, WatchManager, type Watcher } from './watch-manager.ts';
import { Znode, isEphemeralOwner, type NodeStat } from './znode.ts';

const EMPTY = new Uint8Array(0);
const NO_PATHS: ReadonlySet<string> = new Set();

/**
 * The replicated state: nodes, who owns the ephemeral ones, the watches on them (protocol §1.7, §1.8, §2).
 *
 * Changed only by the methods that apply one kind of txn each, and these are idempotent: applied to a tree
 * that already shows the txn (an Apache snapshot is fuzzy) they leave it as it should be. They return an
 * error code as a value; on replay it is ignored.
 */
export class DataTree {
  readonly dataWatches = new WatchManager();
  readonly childWatches = new WatchManager();
  readonly acls = new AclCache();
  readonly digest = new DigestSum();
  readonly digestLog = new DigestLog();
  readonly values = new ValuePool();
  readonly quotas = new Quotas(this);
  readonly #digestEnabled: boolean;
  readonly #nodes = new Map<string, Znode>();
  readonly #recentNodes = new RecentNodes();
  /** Of the `touch` under way. */
  readonly #touched: (Znode | null)[] = [];
  /** The node looked up last: whoever applies and answers a txn asks for the same one several times. */
  #recentPath = '';
  #recent: Znode | undefined = undefined;
  readonly #ephemerals = new Map<SessionId, Set<string>>();
  /** Paths of containers and of nodes with a time to live: what the reaper looks at. */
  readonly #reapable = new Set<string>();
  #ephemeralCount = 0;
  #contentBytes = 0;
  /** Digests of the txn being applied come from its preparation and are not computed twice. */
  #adopting = false;
  /** The first of its changes, until what it says of the data's length is used. */
  #firstAdopted: NodeRecord | null = null;
  #view: SnapshotView | null = null;
  #snapshotMark = 0;
  lastProcessedZxid: Zxid = ZXID_ZERO;

  constructor(options: { readonly digestEnabled: boolean }) {
    this.#digestEnabled = options.digestEnabled;
  }

  /** What a server makes before there is anything else (protocol §1.7 "System nodes"). */
  createSystemNodes(): void {
    this.#link(new Znode('', EMPTY, OPEN_ACL_ID), '/');
    for (const path of ['/zookeeper', '/zookeeper/quota']) {
      this.#link(new Znode(path, EMPTY, OPEN_ACL_ID), path);
      this.#parent(path).addChild(nameOf(path));
    }
    this.ensureConfigNode();
  }

  /** /zookeeper/config is every server's own and not in every snapshot. */
  ensureConfigNode(): void {
    const path = CONFIG_PATH;
    const parent = this.#nodes.get('/zookeeper');
    if (parent === undefined || this.#nodes.has(path)) return;
    const acl = this.acls.retain([{ perms: 1, scheme: 'world', id: 'anyone' }]);
    const node = new Znode(path, EMPTY, acl);
    // As Apache has it: it makes the node and then sets its ACL, under version -1.
    node.aversion = -1;
    this.#link(node, path);
    parent.addChild('config');
  }

  /**
   * What a server of an ensemble shows of who belongs to it: each does so on its own, with no txn, when it begins to
   * serve (protocol §1.7). `version`: the zxid of the reconfig that made it so, 0 if there was none.
   */
  showConfig(text: string, version: Zxid, time: number): void {
    this.ensureConfigNode();
    const node = this.#nodes.get(CONFIG_PATH);
    if (node === undefined) return;
    this.#willChange(node);
    const data = new Uint8Array(utf8Length(text));
    encodeUtf8Into(text, data, 0);
    this.#contentBytes += data.length - node.dataLength;
    node.setData(data, data.length);
    node.version = -1;
    node.mzxid = version;
    node.mtime = time;
  }

  get(path: string): Znode | undefined {
    if (path === this.#recentPath) return this.#recent;
    const node = this.#recentNodes.find(path) ?? this.#lookUp(path);
    this.#remember(path, node);
    return node;
  }

  /**
   * Has the nodes whose paths have the first `count` of these hashes, and memory for as many values, brought near to the
   * processor (see `LookAhead`). @returns a number that depends on what was read.
   */
  touch(hashes: readonly number[], count: number): number {
    const nodes = this.#touched;
    for (let i = 0; i < count; i++) nodes[i] = this.#recentNodes.likely(hashes[i] as number);
    let seen = this.values.touch(count);
    for (let i = 0; i < count; i++) seen += (nodes[i] as Znode | null)?.touch() ?? 0;
    return seen;
  }

  /** As ZooKeeper counts: the root stands in its map twice, under "" and "/". */
  get nodeCount(): number {
    return this.#nodes.size + 1;
  }

  get ephemeralCount(): number {
    return this.#ephemeralCount;
  }

  /** Bytes of paths and data, with the one of the root's second name. */
  get approximateDataSize(): number {
    return this.#contentBytes + 1;
  }

  get watchCount(): number {
    return this.dataWatches.count + this.childWatches.count;
  }

  ephemeralsOf(session: SessionId): ReadonlySet<string> {
    return this.#ephemerals.get(session) ?? NO_PATHS;
  }

  ephemeralOwners(): Iterable<SessionId> {
    return this.#ephemerals.keys();
  }

  /** Containers, and nodes with a time to live. */
  reapableNodes(): Iterable<string> {
    return this.#reapable;
  }

  removeWatcher(watcher: Watcher): void {
    this.dataWatches.removeWatcher(watcher);
    this.childWatches.removeWatcher(watcher);
  }

  /**
   * The next txn was prepared here, and its digests are not computed again: `adopt` follows when it is applied.
   * `first`: the first of the outstanding changes, whose node is therefore known.
   */
  beginAdopting(first: NodeRecord | undefined): void {
    this.#adopting = true;
    this.#firstAdopted = first ?? null;
    if (first !== undefined && first.node !== null) this.#remember(first.path, first.node);
  }

  endAdopting(): void {
    this.#adopting = false;
    this.#firstAdopted = null;
  }

  /**
   * Takes over what was computed when the txn just applied was prepared: `record` is one of the nodes as the txn
   * leaves them. The result is what applying it alone would have computed, at half the cost.
   */
  adopt(record: NodeRecord): void {
    if (record.removed || !this.#digestEnabled) return;
    const node = this.get(record.path);
    // Created and deleted again by the same multi.
    if (node === undefined) return;
    this.digest.subtract(node.digest);
    node.pathCrc = record.pathCrc;
    node.contentCrc = record.contentCrc;
    node.digest = record.digest;
    this.digest.add(node.digest);
  }

  // ---- applying txns -------------------------------------------------------------------------------------

  /**
   * @param data is kept, and given back to `values` when it is overwritten: it belongs to this node alone.
   * @param parentCversion the parent's counter after this create, or −1 for "one more" (create V0).
   */
  create(
    path: string,
    data: Uint8Array | null,
    acl: readonly Acl[],
    owner: SessionId,
    parentCversion: number,
    zxid: Zxid,
    time: number,
  ): ErrorCode {
    const parentPath = parentOf(path);
    const parent = this.#nodes.get(parentPath);
    if (parent === undefined) return ErrorCode.noNode;
    const aclId = this.acls.retain(acl);

    // A fuzzy snapshot may already show a later create or delete below this parent: only ever raised.
    const cversion = parentCversion === -1 ? (parent.cversion + 1) | 0 : parentCversion;
    if (cversion > parent.cversion || isWrapped(cversion, parent.cversion)) {
      this.#willChange(parent);
      parent.cversion = cversion;
      parent.pzxid = zxid;
    }

    const existing = this.#nodes.get(path);
    if (existing !== undefined) {
      this.#willChange(existing);
      if (parent.children?.has(nameOf(path)) === true) {
        this.acls.release(existing.aclId);
        existing.aclId = aclId;
        this.#changed(parent);
        return ErrorCode.nodeExists;
      }
      // On replay an earlier delete has taken away its parent, which the snapshot shows with later children;
      // the parent is back, and this is how this child comes back to it.
      this.#unlink(existing, path);
      this.acls.release(existing.aclId);
    }

    const node = new Znode(path, data, aclId);
    node.czxid = zxid;
    node.mzxid = zxid;
    node.pzxid = zxid;
    node.ctime = time;
    node.mtime = time;
    node.ephemeralOwner = owner;
    parent.addChild(nameOf(path));
    this.#link(node, path);
    this.#changed(parent);
    this.#addOwner(owner, path);
    this.quotas.onCreated(path, lengthOf(data));

    this.dataWatches.trigger(path, WatchEventType.nodeCreated, zxid, aclId);
    this.childWatches.trigger(parentPath, WatchEventType.nodeChildrenChanged, zxid, parent.aclId);
    return ErrorCode.ok;
  }

  delete(path: string, zxid: Zxid): ErrorCode {
    const parentPath = parentOf(path);
    const parent = this.#nodes.get(parentPath);
    const node = this.#nodes.get(path);
    if (node !== undefined) this.#willChange(node);
    if (parent !== undefined) {
      if (zxid > parent.pzxid) {
        this.#willChange(parent);
        parent.pzxid = zxid;
      }
      parent.removeChild(nameOf(path));
      this.#changed(parent);
    }
    if (node === undefined) return ErrorCode.noNode;
    this.#unlink(node, path);
    this.quotas.onDeleted(path, node.dataLength);

    const { aclId } = node;
    const told = this.dataWatches.trigger(path, WatchEventType.nodeDeleted, zxid, aclId);
    this.childWatches.trigger(path, WatchEventType.nodeDeleted, zxid, aclId, told);
    this.childWatches.trigger(
      parentPath,
      WatchEventType.nodeChildrenChanged,
      zxid,
      parent?.aclId ?? OPEN_ACL_ID,
    );
    this.acls.release(aclId);
    return ErrorCode.ok;
  }

  /** @param data is kept, see `create`. */
  setData(path: string, data: Uint8Array | null, version: number, zxid: Zxid, time: number): ErrorCode {
    const node = this.get(path);
    if (node === undefined) return ErrorCode.noNode;
    this.#willChange(node);
    const length = this.#takeLengthFor(node, zxid) ?? lengthOf(data);
    const growth = length - node.dataLength;
    this.#contentBytes += growth;
    this.values.release(node.data, node.dataLength);
    node.setData(data, length);
    node.mtime = time;
    node.mzxid = zxid;
    node.version = version;
    if (!this.#adopting && this.#digestEnabled) node.contentCrc = contentCrc(node.pathCrc, data);
    this.#changed(node);
    this.quotas.onChanged(path, 0, growth);
    this.dataWatches.trigger(path, WatchEventType.nodeDataChanged, zxid, node.aclId);
    return ErrorCode.ok;
  }

  setAcl(path: string, acl: readonly Acl[], aversion: number): ErrorCode {
    const node = this.get(path);
    if (node === undefined) return ErrorCode.noNode;
    this.#willChange(node);
    const aclId = this.acls.retain(acl);
    this.acls.release(node.aclId);
    node.aclId = aclId;
    node.aversion = aversion;
    this.#changed(node);
    return ErrorCode.ok;
  }

  /** Deletes the listed paths, in their order, and then whatever else of the session's is left. */
  closeSession(session: SessionId, paths: readonly string[] | null, zxid: Zxid): void {
    for (const path of paths ?? []) this.delete(path, zxid);
    for (const path of this.ephemeralsOf(session)) this.delete(path, zxid);
  }

  /** For quota statistics: each server has its own, so no digest covers them. */
  setLocally(node: Znode, data: Uint8Array): void {
    this.#willChange(node);
    node.setData(data, data.length);
  }

  // ---- snapshots -----------------------------------------------------------------------------------------

  get isSnapshotting(): boolean {
    return this.#view !== null;
  }

  /** Starts a point-in-time view of the tree as it is now. One at a time. */
  beginSnapshot(sessions: Iterable<readonly [SessionId, number]>): SnapshotView {
    assert(this.#view === null, 'a snapshot is already being taken');
    this.#snapshotMark++;
    const view = new SnapshotView({
      zxid: this.lastProcessedZxid,
      digest: { high: this.digest.high, low: this.digest.low },
      mark: this.#snapshotMark,
      nodes: this.#nodes,
      acls: this.acls.entries(),
      sessions,
      // An earlier view may be given up when its nodes are long written and the next one is under way.
      onDone: () => {
        if (this.#view === view) this.#view = null;
      },
    });
    this.#view = view;
    return view;
  }

  /** A node as a snapshot has it, "" being the root. Parents come before their children. */
  restoreNode(path: string, data: Uint8Array | null, aclId: number, stat: NodeStat): ErrorCode {
    const node = new Znode(path, data, aclId);
    node.czxid = stat.czxid;
    node.mzxid = stat.mzxid;
    node.ctime = stat.ctime;
    node.mtime = stat.mtime;
    node.version = stat.version;
    node.cversion = stat.cversion;
    node.aversion = stat.aversion;
    node.ephemeralOwner = stat.ephemeralOwner;
    node.pzxid = stat.pzxid;
    if (path === '') {
      this.#link(node, '/');
      this.acls.retainId(aclId);
      return ErrorCode.ok;
    }
    const parent = this.#nodes.get(parentOf(path));
    if (parent === undefined) return ErrorCode.noNode;
    parent.addChild(nameOf(path));
    this.#link(node, path);
    this.acls.retainId(aclId);
    this.#addOwner(stat.ephemeralOwner, path);
    return ErrorCode.ok;
  }

  // ---- inside --------------------------------------------------------------------------------------------

  /** How long the node's next data is, if its preparation says so: asking the data itself would cost two cache misses. */
  #takeLengthFor(node: Znode, zxid: Zxid): number | null {
    const record = this.#firstAdopted;
    this.#firstAdopted = null;
    return record !== null && record.node === node && record.zxid === zxid ? record.newDataLength : null;
  }

  #parent(path: string): Znode {
    const parent = this.#nodes.get(parentOf(path));
    assert(parent !== undefined, 'a node without a parent');
    return parent;
  }

  #lookUp(path: string): Znode | undefined {
    const node = this.#nodes.get(path);
    if (node !== undefined) this.#recentNodes.note(node, this.#nodes.size);
    return node;
  }

  #remember(path: string, node: Znode | undefined): void {
    this.#recentPath = path;
    this.#recent = node;
  }

  #link(node: Znode, key: string): void {
    node.snapshotMark = this.#snapshotMark;
    this.#nodes.set(key, node);
    this.#remember(key, node);
    this.#contentBytes += node.path.length + node.dataLength;
    if (this.#adopting || !this.#digestEnabled) return;
    node.pathCrc = crcOfPath(key);
    node.contentCrc = contentCrc(node.pathCrc, node.data);
    node.digest = nodeDigest(key, node.contentCrc, node);
    this.digest.add(node.digest);
  }

  #unlink(node: Znode, key: string): void {
    this.#nodes.delete(key);
    this.#recentNodes.forget(node);
    this.#remember('', undefined);
    this.#contentBytes -= node.path.length + node.dataLength;
    this.digest.subtract(node.digest);
    if (node.ephemeralOwner === NO_SESSION) return;
    this.#reapable.delete(key);
    const owned = this.#ephemerals.get(node.ephemeralOwner);
    if (owned?.delete(key) !== true) return;
    this.#ephemeralCount--;
    if (owned.size === 0) this.#ephemerals.delete(node.ephemeralOwner);
  }

  #addOwner(owner: SessionId, path: string): void {
    if (owner === NO_SESSION) return;
    if (!isEphemeralOwner(owner)) {
      this.#reapable.add(path);
      return;
    }
    const owned = this.#ephemerals.get(owner);
    if (owned === undefined) this.#ephemerals.set(owner, new Set([path]));
    else owned.add(path);
    this.#ephemeralCount++;
  }

  /** To be called before a node that a running snapshot has not seen yet is changed or removed. */
  #willChange(node: Znode): void {
    if (this.#view !== null) this.#view.capture(node);
  }

  #changed(node: Znode): void {
    if (this.#adopting || !this.#digestEnabled) return;
    this.digest.subtract(node.digest);
    node.digest = nodeDigest(node.path, node.contentCrc, node);
    this.digest.add(node.digest);
  }
}

function lengthOf(data: Uint8Array | null): number {
  return data === null ? 0 : data.length;
}

/** The counter has gone from the largest int32 to the smallest, which is a step forward. */
function isWrapped(next: number, current: number): boolean {
  return next < 0 && current > 0 && ((current + 1) | 0) === next;
}
