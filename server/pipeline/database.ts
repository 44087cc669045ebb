import type { SessionId } from '../base/session-id.ts';
import { formatZxid, type Zxid } from '../base/zxid.ts';
import { SessionTracker } from '../session/session-tracker.ts';
import type { DiskScript } from '../storage/disk-script.ts';
import type { RecoverySink } from '../storage/read-history.ts';
import { recover, type Recovery } from '../storage/recovery.ts';
import type { SnapshotEnd } from '../storage/snapshot-reader.ts';
import { writeSnapshot } from '../storage/snapshot-writer.ts';
import { StorageError } from '../storage/storage-error.ts';
import { LACKING_ACL_ID } from '../tree/acl-cache.ts';
import { DataTree } from '../tree/data-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import type { Acl } from '../wire/records/acl.ts';
import type { StatPersisted } from '../wire/records/stat-persisted.ts';
import { DIGEST_VERSION, type TxnDigest } from '../wire/txns/txn-digest.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { Txn } from '../wire/txns/txn.ts';
import { applyTxn } from './apply-txn.ts';

/** The replicated state as it came from the disk, ready to serve. */
export interface Database {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  /** Null for what came from another server. */
  readonly recovery: Recovery | null;
  /** Txns after which the tree's digest was not the one logged with them, as seen by this replay. */
  readonly digestMismatches: readonly Zxid[];
}

export interface DatabaseOptions extends LoaderOptions {
  /** The `version-2` directories. */
  readonly snapDir: string;
  readonly logDir: string;
  /** The longest txn entry a log may hold, bytes. */
  readonly txnSizeMax: number;
  readonly trustEmptySnapshot: boolean;
}

export interface LoaderOptions {
  readonly digestEnabled: boolean;
  readonly tickMs: number;
  /** Monotonic clock, ms: every recovered session has its full timeout from here. */
  readonly nowMs: number;
  /** Gets the end of the history as bytes, where somebody wants it. */
  readonly history?: HistorySink;
}

/** Gets the txns that are replayed above a snapshot. */
export interface HistorySink {
  /** A snapshot at this zxid is the history so far; what came before is void. */
  reset(zxid: Zxid): void;
  append(zxid: Zxid, entry: Uint8Array): void;
}

/**
 * Brings the state back, in durable steps: recover what the disk has; in an empty directory write the empty
 * tree first, because a log without a snapshot below it can't be read (trap 57); then drop the ephemerals that
 * no session owns any more.
 */
export function* openDatabase(options: DatabaseOptions): DiskScript<Database> {
  const { snapDir, logDir } = options;
  const loader = new DatabaseLoader(options);
  const recovery = yield* recover({
    directories: { snapshots: snapDir, logs: logDir },
    sink: loader,
    txnSizeMax: options.txnSizeMax,
    trustEmptySnapshot: options.trustEmptySnapshot,
  });
  const { tree, sessions, digestMismatches } = loader;
  tree.ensureConfigNode();
  if (recovery.snapshotZxid === null) {
    yield* writeSnapshot({ directory: snapDir, source: tree.beginSnapshot(sessions.timeouts()) });
  }
  dropOrphanedEphemerals(tree, sessions);
  return { tree, sessions, recovery, digestMismatches };
}

/** Of sessions that are not there. */
export function dropOrphanedEphemerals(tree: DataTree, sessions: SessionTracker): void {
  const gone = [...tree.ephemeralOwners()].filter((owner) => !sessions.has(owner));
  for (const owner of gone) tree.closeSession(owner, null, tree.lastProcessedZxid);
}

/** Takes a snapshot and txns above it, and makes tree and sessions of them. */
export class DatabaseLoader implements RecoverySink {
  tree: DataTree;
  sessions: SessionTracker;
  readonly digestMismatches: Zxid[] = [];
  readonly #options: LoaderOptions;
  /** Paths of nodes whose ACL was not in the snapshot's table. */
  #lackingAcl: string[] = [];

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.tree = new DataTree(options);
    this.sessions = new SessionTracker(options);
    this.tree.createSystemNodes();
  }

  beginSnapshot(zxid: Zxid): void {
    this.tree = new DataTree(this.#options);
    this.sessions = new SessionTracker(this.#options);
    this.tree.lastProcessedZxid = zxid;
    this.digestMismatches.length = 0;
    this.#lackingAcl = [];
    this.#options.history?.reset(zxid);
  }

  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void {
    this.sessions.add(sessionId, timeoutMs, this.#options.nowMs);
  }

  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void {
    this.tree.acls.restore(aclId, acl);
  }

  onSnapshotNode(path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void {
    const isAclThere = this.tree.acls.has(aclId);
    const error = this.tree.restoreNode(path, owned(data), isAclThere ? aclId : LACKING_ACL_ID, {
      ...stat,
      ephemeralOwner: stat.ephemeralOwner as SessionId,
    });
    if (error !== ErrorCode.ok)
      throw new StorageError('corrupt', path, `the snapshot has ${path} but not the node above it.`);
    if (!isAclThere) this.#lackingAcl.push(path || '/');
  }

  endSnapshot({ digest }: SnapshotEnd): void {
    this.tree.quotas.rebuild();
    // A fuzzy snapshot has its digest at a later zxid than its name; the txns replayed on the way carry theirs.
    if (digest === null || digest.zxid !== this.tree.lastProcessedZxid) return;
    this.#compare(digest.treeDigest, digest.zxid);
  }

  lacks(): string | null {
    const { tree } = this;
    if (tree.get('/') === undefined) return 'the snapshot has no root';
    const path = this.#lackingAcl.find((each) => tree.get(each)?.aclId === LACKING_ACL_ID);
    return path === undefined ? null : `the snapshot has ${path} but not its ACL`;
  }

  applyTxn(header: TxnHeader, txn: Txn, digest: TxnDigest | null, entry: Uint8Array): void {
    applyTxn(this, header, ownedTxn(txn, owned), this.#options.nowMs);
    this.#options.history?.append(header.zxid, entry);
    if (digest?.version === DIGEST_VERSION) this.#compare(digest.treeDigest, header.zxid);
  }

  #compare(expected: bigint | null, zxid: Zxid): void {
    if (!this.#options.digestEnabled || expected === null) return;
    const { high, low } = this.tree.digest;
    const actual = (BigInt(high) << 32n) | BigInt(low);
    if (actual !== BigInt.asUintN(64, expected)) this.digestMismatches.push(zxid);
  }
}

/** What is read from a file is a view of a buffer that is used again. */
function owned(data: Uint8Array | null): Uint8Array | null {
  return data === null ? null : data.slice();
}

/** The txn with data of its own. `own` makes a copy that whoever applies the txn may keep. */
export function ownedTxn(txn: Txn, own: (data: Uint8Array | null) => Uint8Array | null): Txn {
  return txn.type === OpCode.multi
    ? { type: txn.type, txns: txn.txns.map((sub) => withOwnedData(sub, own)) }
    : withOwnedData(txn, own);
}

function withOwnedData<T extends Txn>(txn: T, own: (data: Uint8Array | null) => Uint8Array | null): T {
  return 'data' in txn && txn.data !== null ? { ...txn, data: own(txn.data) } : txn;
}

/** For a log line. */
export function describeMismatches(zxids: readonly Zxid[]): string {
  return `${zxids.length} txns left a tree whose digest is not the one logged, first ${formatZxid(zxids[0] as Zxid)}`;
}
