import { unreachable } from '../base/assert.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { encodeUtf8Into, utf8Length } from '../base/utf8.ts';
import type { Zxid } from '../base/zxid.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import { Perms, type Acl } from '../wire/records/acl.ts';
import type { CheckVersionRequest } from '../wire/records/check-version.ts';
import { CreateMode, type CreateRequest, type CreateTtlRequest } from '../wire/records/create.ts';
import type { DeleteRequest } from '../wire/records/delete.ts';
import type { MultiOp } from '../wire/records/multi-request.ts';
import type { ReconfigRequest } from '../wire/records/reconfig.ts';
import type { SetAclRequest } from '../wire/records/set-acl.ts';
import type { SetDataRequest } from '../wire/records/set-data.ts';
import type { SubTxn, Txn } from '../wire/txns/txn.ts';
import type { AccessControl, AuthId } from './acl.ts';
import type { DataTree } from './data-tree.ts';
import { DigestSum, contentCrc, crcOfPath, type TreeDigest } from './digest.ts';
import type { NodeRecord } from './node-record.ts';
import { OutstandingChanges } from './outstanding-changes.ts';
import {
  CONFIG_PATH,
  depthOf,
  hasParent,
  isSystemPath,
  isValidPath,
  parentOf,
  sequenceSuffix,
} from './path.ts';
import type { QuotaExcess } from './quotas.ts';
import type { TreeLimits } from './tree-limits.ts';
import { CONTAINER_OWNER, isEphemeralOwner, ttlOwner, type Znode } from './znode.ts';

const SEQUENTIAL_FLAGS: ReadonlySet<number> = new Set([
  CreateMode.persistentSequential,
  CreateMode.ephemeralSequential,
  CreateMode.persistentSequentialWithTtl,
]);
const TTL_FLAGS: ReadonlySet<number> = new Set([
  CreateMode.persistentWithTtl,
  CreateMode.persistentSequentialWithTtl,
]);
/** The node of the configuration never has another: its text has a version of its own. */
const CONFIG_VERSION = -1;
/** Five bytes of the raw owner hold it. */
const TTL_MAX_MS = 2 ** 40 - 1;

/** Who asks, and the zxid and leader's time that the txn will carry. */
export interface RequestContext {
  readonly session: SessionId;
  readonly ids: readonly AuthId[];
  readonly zxid: Zxid;
  /** Wall clock, ms. */
  readonly time: number;
}

/** A request that may go ahead becomes a txn; one that may not becomes the error that its reply carries. */
export type Prepared = Txn | ErrorCode;
type PreparedSub = SubTxn | ErrorCode;

interface Created {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  readonly parentCVersion: number;
}

/** What a reconfig makes of the ensemble, as config text of version `zxid`, or why it may not. */
export type PlanReconfig = (
  request: ReconfigRequest,
  zxid: Zxid,
) => string | { readonly err: ErrorCode; readonly isLate: boolean };

/** Where the preparer stood, to go back to. */
interface PrepareMark {
  outstanding: number;
  high: number;
  low: number;
}

/**
 * Turns requests into txns, checking each against the tree as all outstanding txns will leave it
 * (`PrepRequestProcessor`; error precedence: protocol §1.7). Everything a txn says is final: paths carry their
 * sequence number, versions are absolute, ACLs are expanded. So applying it decides nothing any more.
 */
export class RequestPreparer {
  readonly #tree: DataTree;
  readonly #access: AccessControl;
  readonly #digestEnabled: boolean;
  readonly #extendedTypesEnabled: boolean;
  readonly #enforceQuota: boolean;
  readonly limits: TreeLimits;
  readonly #planReconfig: PlanReconfig;
  readonly #onQuotaExceeded: (excess: QuotaExcess) => void;
  readonly #outstanding: OutstandingChanges;
  /** The tree's digest after every outstanding txn. */
  readonly #digest = new DigestSum();
  readonly #start: PrepareMark = { outstanding: 0, high: 0, low: 0 };

  constructor(options: {
    readonly tree: DataTree;
    readonly access: AccessControl;
    readonly digestEnabled: boolean;
    /** Whether there are TTL nodes. */
    readonly extendedTypesEnabled: boolean;
    /** Whether hard limits of quotas are limits. */
    readonly enforceQuota: boolean;
    readonly limits: TreeLimits;
    readonly planReconfig: PlanReconfig;
    /** Whether or not the limit is one that is kept to. */
    readonly onQuotaExceeded: (excess: QuotaExcess) => void;
  }) {
    this.#tree = options.tree;
    this.#access = options.access;
    this.#digestEnabled = options.digestEnabled;
    this.#extendedTypesEnabled = options.extendedTypesEnabled;
    this.#enforceQuota = options.enforceQuota;
    this.limits = options.limits;
    this.#planReconfig = options.planReconfig;
    this.#onQuotaExceeded = options.onQuotaExceeded;
    this.#outstanding = new OutstandingChanges(options.tree);
    this.#digest.copyFrom(options.tree.digest);
  }

  /** The tree's digest after the txn prepared last. */
  get digest(): TreeDigest {
    return this.#digest;
  }

  /** How many changes of nodes are outstanding. */
  get outstandingCount(): number {
    return this.#outstanding.length;
  }

  /** A request is about to be prepared. */
  begin(): void {
    this.#mark(this.#start);
  }

  /** Forgets what was prepared since `begin`: it will not be proposed. */
  rollBack(): void {
    this.#rollBackTo(this.#start);
  }

  /** The oldest txn that was prepared is about to be applied, and `endApplying` follows. */
  beginApplying(): void {
    this.#tree.beginAdopting(this.#outstanding.first);
  }

  /** The tree now shows everything up to this txn. */
  endApplying(zxid: Zxid): void {
    this.#tree.endAdopting();
    this.#outstanding.removeThrough(zxid);
  }

  create(
    request: CreateRequest,
    type: typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer,
    context: RequestContext,
  ): PreparedSub {
    const kind = kindOfCreate(type, request.flags);
    if (typeof kind === 'number') return kind;
    const owner =
      kind === 'ephemeral' ? context.session : kind === 'container' ? CONTAINER_OWNER : NO_SESSION;
    const created = this.#create(request, owner, context);
    if (typeof created === 'number') return created;
    if (type === OpCode.createContainer) return { type, ...created };
    return { type, ...created, ephemeral: kind === 'ephemeral' };
  }

  createTtl(request: CreateTtlRequest, context: RequestContext): PreparedSub {
    const { flags, ttl } = request;
    if (!TTL_FLAGS.has(flags)) return ErrorCode.badArguments;
    if (!this.#extendedTypesEnabled) return ErrorCode.unimplemented;
    if (ttl < 1 || ttl > TTL_MAX_MS) return ErrorCode.badArguments;
    const created = this.#create(request, ttlOwner(ttl), context);
    return typeof created === 'number' ? created : { type: OpCode.createTtl, ...created, ttl };
  }

  /** The reaper's: an empty container, or a TTL node whose time is over. */
  deleteContainer(path: string, zxid: Zxid): PreparedSub {
    const parentPath = parentOf(path);
    const node = this.#outstanding.find(path);
    const parent = this.#outstanding.find(parentPath);
    if (node === undefined || parent === undefined) return ErrorCode.noNode;
    if (isEphemeralOwner(node.ephemeralOwner)) return ErrorCode.badVersion;
    if (node.childCount > 0) return ErrorCode.notEmpty;
    this.#recordDelete(path, node, parentPath, parent, zxid);
    return { type: OpCode.deleteContainer, path };
  }

  delete(request: DeleteRequest, context: RequestContext): PreparedSub {
    const { path } = request;
    if (!hasParent(path) || isSystemPath(path)) return ErrorCode.badArguments;
    const parentPath = parentOf(path);
    const parent = this.#outstanding.find(parentPath);
    if (parent === undefined) return ErrorCode.noNode;
    if (!this.#allows(parent, Perms.delete, context)) return ErrorCode.noAuth;
    const node = this.#outstanding.find(path);
    if (node === undefined) return ErrorCode.noNode;
    if (!matchesVersion(request.version, node.version)) return ErrorCode.badVersion;
    if (node.childCount > 0) return ErrorCode.notEmpty;

    this.#recordDelete(path, node, parentPath, parent, context.zxid);
    return { type: OpCode.delete, path };
  }

  setData(request: SetDataRequest, context: RequestContext): PreparedSub {
    const { path } = request;
    const node = this.#outstanding.find(path);
    if (node === undefined) return isValidPath(path) ? ErrorCode.noNode : ErrorCode.badArguments;
    if (!this.#allows(node, Perms.write, context)) return ErrorCode.noAuth;
    if (this.#exceedsQuota(path, 0, request.data)) return ErrorCode.quotaExceeded;
    if (!matchesVersion(request.version, node.version)) return ErrorCode.badVersion;
    if (this.#isFullFor(lengthOf(request.data)) && this.#isFullFor(this.#growthOf(path, request.data)))
      return ErrorCode.badArguments;

    const record = this.#outstanding.recordOf(path, node);
    record.version = (node.version + 1) | 0;
    record.mzxid = context.zxid;
    record.mtime = context.time;
    record.newDataLength = lengthOf(request.data);
    // Over the request's bytes, which have just been read, and not over their copy, whose memory may be far away.
    if (this.#digestEnabled) record.contentCrc = contentCrc(record.pathCrc, request.data);
    this.#add(record, node.digest, context.zxid);
    const data = this.#tree.values.copyOf(request.data);
    return { type: OpCode.setData, path, data, version: record.version };
  }

  setAcl(request: SetAclRequest, context: RequestContext): PreparedSub {
    const { path } = request;
    if (!isValidPath(path)) return ErrorCode.badArguments;
    const acl = this.#access.fixUp(request.acl, context.ids);
    if (typeof acl === 'number') return acl;
    const node = this.#outstanding.find(path);
    if (node === undefined) return ErrorCode.noNode;
    if (!this.#allows(node, Perms.admin, context)) return ErrorCode.noAuth;
    if (!matchesVersion(request.version, node.aversion)) return ErrorCode.badVersion;

    const record = this.#outstanding.recordOf(path, node);
    record.aversion = (node.aversion + 1) | 0;
    this.#setAclOf(record, acl);
    this.#add(record, node.digest, context.zxid);
    return { type: OpCode.setAcl, path, acl, version: record.aversion };
  }

  check(request: CheckVersionRequest, context: RequestContext): PreparedSub {
    const { path } = request;
    const node = this.#outstanding.find(path);
    if (node === undefined) return isValidPath(path) ? ErrorCode.noNode : ErrorCode.badArguments;
    if (!this.#allows(node, Perms.read, context)) return ErrorCode.noAuth;
    if (!matchesVersion(request.version, node.version)) return ErrorCode.badVersion;
    return { type: OpCode.check, path, version: (node.version + 1) | 0 };
  }

  /** That the ensemble cannot be so comes before that the client may not ask, unless it is a late reason. */
  reconfig(request: ReconfigRequest, context: RequestContext): Prepared {
    const plan = this.#planReconfig(request, context.zxid);
    if (typeof plan !== 'string' && !plan.isLate) return plan.err;
    const node = this.#outstanding.find(CONFIG_PATH) ?? unreachable('every server has the node');
    if (!this.#allows(node, Perms.write, context)) return ErrorCode.noAuth;
    if (typeof plan !== 'string') return plan.err;

    const data = new Uint8Array(utf8Length(plan));
    encodeUtf8Into(plan, data, 0);
    const record = this.#outstanding.recordOf(CONFIG_PATH, node);
    record.version = CONFIG_VERSION;
    record.mzxid = context.zxid;
    record.mtime = context.time;
    if (this.#digestEnabled) record.contentCrc = contentCrc(record.pathCrc, data);
    this.#add(record, node.digest, context.zxid);
    return { type: OpCode.reconfig, path: CONFIG_PATH, data, version: CONFIG_VERSION };
  }

  /**
   * All or nothing. Each operation sees what those before it do. If one fails, what they did is forgotten, and
   * the txn carries an error for every operation from it on (protocol §2).
   */
  multi(ops: readonly MultiOp[], context: RequestContext): Txn {
    const start = this.#mark({ outstanding: 0, high: 0, low: 0 });
    const txns: SubTxn[] = [];
    for (const op of ops) {
      const prepared = this.#multiOp(op, context);
      if (typeof prepared !== 'number') {
        txns.push(prepared);
        continue;
      }
      this.#rollBackTo(start);
      txns.push({ type: OpCode.error, err: prepared });
      while (txns.length < ops.length) txns.push({ type: OpCode.error, err: ErrorCode.runtimeInconsistency });
      return { type: OpCode.multi, txns };
    }
    return { type: OpCode.multi, txns };
  }

  /** Lists the session's ephemerals, those still outstanding included, so that one txn takes them all (B50). */
  closeSession(session: SessionId, zxid: Zxid): Txn {
    const candidates = new Set(this.#tree.ephemeralsOf(session));
    for (const record of this.#outstanding.ownedBy(session)) candidates.add(record.path);
    const paths: string[] = [];
    for (const path of candidates) {
      const node = this.#outstanding.find(path);
      // Outstanding requests may have deleted it, and may have made it again for somebody else.
      if (node === undefined || node.ephemeralOwner !== session) continue;
      const parentPath = parentOf(path);
      const parent = this.#outstanding.find(parentPath) ?? unreachable('a node without a parent');
      this.#recordDelete(path, node, parentPath, parent, zxid);
      paths.push(path);
    }
    return { type: OpCode.closeSession, paths2Delete: paths };
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #mark(mark: PrepareMark): PrepareMark {
    mark.outstanding = this.#outstanding.length;
    mark.high = this.#digest.high;
    mark.low = this.#digest.low;
    return mark;
  }

  #rollBackTo(mark: PrepareMark): void {
    this.#outstanding.rollBack(mark.outstanding);
    this.#digest.copyFrom(mark);
  }

  /** What every kind of create has in common: what its txn says, or why there is none. */
  #create(request: CreateRequest, owner: SessionId, context: RequestContext): Created | ErrorCode {
    if (!hasParent(request.path)) return ErrorCode.badArguments;
    const acl = this.#access.fixUp(request.acl, context.ids);
    if (typeof acl === 'number') return acl;

    const parentPath = parentOf(request.path);
    const parent = this.#outstanding.find(parentPath);
    if (parent === undefined) return ErrorCode.noNode;
    if (!this.#allows(parent, Perms.create, context)) return ErrorCode.noAuth;
    const isSequential = SEQUENTIAL_FLAGS.has(request.flags);
    const path = isSequential ? request.path + sequenceSuffix(parent.cversion) : request.path;
    if (!isValidPath(path) || this.#isTooMuch(path, owner, request.data)) return ErrorCode.badArguments;
    if (this.#outstanding.find(path) !== undefined) return ErrorCode.nodeExists;
    if (isEphemeralOwner(parent.ephemeralOwner)) return ErrorCode.noChildrenForEphemerals;
    if (this.#exceedsQuota(path, 1, request.data)) return ErrorCode.quotaExceeded;

    const data = this.#tree.values.copyOf(request.data);
    const parentCVersion = (parent.cversion + 1) | 0;
    this.#recordCreate(path, data, acl, owner, context);
    this.#recordParent(parentPath, parent, parentCVersion, 1, context.zxid);
    return { path, data, acl, parentCVersion };
  }

  #multiOp(op: MultiOp, context: RequestContext): PreparedSub {
    switch (op.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        return this.create(op.request, op.type, context);
      case OpCode.createTtl:
        return this.createTtl(op.request, context);
      case OpCode.delete:
        return this.delete(op.request, context);
      case OpCode.setData:
        return this.setData(op.request, context);
      case OpCode.check:
        return this.check(op.request, context);
    }
  }

  #allows(node: Znode | NodeRecord, perms: number, context: RequestContext): boolean {
    return this.#access.allows(this.#tree.acls.listOf(node.aclId), perms, context.ids);
  }

  /** What Apache would take and come to harm by. What is on its way does not count, so a little more can be. */
  #isTooMuch(path: string, owner: SessionId, data: Uint8Array | null): boolean {
    const { pathLengthMax, depthMax, nodesMax, ephemeralsPerSessionMax } = this.limits;
    if (path.length > pathLengthMax || depthOf(path) > depthMax) return true;
    if (this.#tree.nodeCount >= nodesMax || this.#isFullFor(path.length + lengthOf(data))) return true;
    return isEphemeralOwner(owner) && this.#tree.ephemeralsOf(owner).size >= ephemeralsPerSessionMax;
  }

  #isFullFor(bytes: number): boolean {
    return bytes > 0 && this.#tree.approximateDataSize + bytes > this.limits.dataBytesMax;
  }

  #exceedsQuota(path: string, count: number, data: Uint8Array | null): boolean {
    if (!this.#enforceQuota) return false;
    const exceeded = this.#tree.quotas.exceededBy(path, count, this.#growthOf(path, data));
    for (const excess of exceeded) {
      this.#onQuotaExceeded(excess);
      if (excess.isHard) return true;
    }
    return false;
  }

  /** Over what there is now, whatever is on its way. */
  #growthOf(path: string, data: Uint8Array | null): number {
    return lengthOf(data) - (this.#tree.get(path)?.dataLength ?? 0);
  }

  #recordCreate(
    path: string,
    data: Uint8Array | null,
    acl: readonly Acl[],
    owner: SessionId,
    { zxid, time }: RequestContext,
  ): void {
    const record = this.#outstanding.creationOf(path);
    record.czxid = zxid;
    record.mzxid = zxid;
    record.pzxid = zxid;
    record.ctime = time;
    record.mtime = time;
    record.ephemeralOwner = owner;
    this.#setAclOf(record, acl);
    if (this.#digestEnabled) {
      record.pathCrc = crcOfPath(path);
      record.contentCrc = contentCrc(record.pathCrc, data);
    }
    this.#add(record, 0, zxid);
  }

  /** Retained until the tree has it, or until it turns out that it never will. */
  #setAclOf(record: NodeRecord, acl: readonly Acl[]): void {
    record.aclId = this.#tree.acls.retain(acl);
    record.holdsAcl = true;
  }

  #recordDelete(
    path: string,
    node: Znode | NodeRecord,
    parentPath: string,
    parent: Znode | NodeRecord,
    zxid: Zxid,
  ): void {
    this.#recordParent(parentPath, parent, parent.cversion, -1, zxid);
    this.#add(this.#outstanding.removalOf(path, node), node.digest, zxid);
  }

  #recordParent(
    path: string,
    parent: Znode | NodeRecord,
    cversion: number,
    childDelta: 1 | -1,
    zxid: Zxid,
  ): void {
    const record = this.#outstanding.recordOf(path, parent);
    record.cversion = cversion;
    record.childCount = parent.childCount + childDelta;
    record.pzxid = zxid;
    this.#add(record, parent.digest, zxid);
  }

  #add(record: NodeRecord, digestBefore: number, zxid: Zxid): void {
    record.zxid = zxid;
    if (this.#digestEnabled) {
      this.#digest.subtract(digestBefore);
      if (!record.removed) {
        record.digest = record.computeDigest();
        this.#digest.add(record.digest);
      }
    }
    this.#outstanding.add(record);
  }
}

function lengthOf(data: Uint8Array | null): number {
  return data === null ? 0 : data.length;
}

function matchesVersion(wanted: number, current: number): boolean {
  return wanted === -1 || wanted === current;
}

/**
 * Containers (flag 4) and TTL nodes (5, 6) have operations of their own; with the others they are not honoured
 * by half (trap 85). The latter are refused as a server does whose extended types are off.
 */
function kindOfCreate(type: number, flags: number): 'persistent' | 'ephemeral' | 'container' | ErrorCode {
  if (TTL_FLAGS.has(flags)) return ErrorCode.unimplemented;
  if (type === OpCode.createContainer)
    return flags === CreateMode.container ? 'container' : ErrorCode.badArguments;
  switch (flags) {
    case CreateMode.persistent:
    case CreateMode.persistentSequential:
      return 'persistent';
    case CreateMode.ephemeral:
    case CreateMode.ephemeralSequential:
      return 'ephemeral';
    default:
      return ErrorCode.badArguments;
  }
}
