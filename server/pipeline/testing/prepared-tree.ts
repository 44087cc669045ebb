import type { Prng } from '../../base/prng.ts';
import type { SessionId } from '../../base/session-id.ts';
import { ZXID_ZERO, nextZxid, type Zxid } from '../../base/zxid.ts';
import { SessionTracker } from '../../session/session-tracker.ts';
import { DEFAULT_TREE_LIMITS } from '../../tree/tree-limits.ts';
import { AccessControl, type AuthId } from '../../tree/acl.ts';
import { DataTree } from '../../tree/data-tree.ts';
import { RequestPreparer, type Prepared, type RequestContext } from '../../tree/prepare-request.ts';
import type { Znode } from '../../tree/znode.ts';
import { OpCode } from '../../wire/opcode.ts';
import type { MultiOp } from '../../wire/records/multi-request.ts';
import type { Txn } from '../../wire/txns/txn.ts';
import type { TxnHeader } from '../../wire/txns/txn-header.ts';
import { applyTxn } from '../apply-txn.ts';
import { OPEN_ACL, ascii } from './bodies.ts';
import { TEST_PROVIDERS } from './test-auth.ts';

export interface ProposedTxn {
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** Of the tree after it. */
  readonly digest: { readonly high: number; readonly low: number };
}

type Prepare = (preparer: RequestPreparer, context: RequestContext) => Prepared;

/** A tree and its preparer without a pipeline: what is proposed is applied when the test says so. */
export class PreparedTree {
  readonly tree = new DataTree({ digestEnabled: true });
  readonly sessions = new SessionTracker({ tickMs: 1000, nowMs: 0 });
  readonly preparer: RequestPreparer;
  readonly proposed: ProposedTxn[] = [];
  /** Everything applied so far. */
  readonly history: ProposedTxn[] = [];
  lastZxid: Zxid = ZXID_ZERO;
  #time = 1_700_000_000_000;

  constructor({ enforceQuota = false, limits = DEFAULT_TREE_LIMITS } = {}) {
    this.tree.createSystemNodes();
    this.preparer = new RequestPreparer({
      tree: this.tree,
      access: new AccessControl({ providers: TEST_PROVIDERS, skipAcl: false }),
      digestEnabled: true,
      extendedTypesEnabled: true,
      enforceQuota,
      limits,
      onQuotaExceeded: () => undefined,
      planReconfig: (_request, zxid) => `server.1=a:1:2:participant\nversion=${zxid.toString(16)}`,
    });
  }

  propose(prepare: Prepare, session: SessionId = SESSION, ids: readonly AuthId[] = []): Prepared {
    const zxid = nextZxid(this.lastZxid);
    this.lastZxid = zxid;
    const context = { session, ids, zxid, time: this.#time++ };
    const prepared = prepare(this.preparer, context);
    const txn: Txn = typeof prepared === 'number' ? { type: OpCode.error, err: prepared } : prepared;
    const { high, low } = this.preparer.digest;
    this.proposed.push({
      header: { clientId: session, cxid: 0, zxid, time: context.time, type: txn.type },
      txn,
      digest: { high, low },
    });
    return prepared;
  }

  /** Applies the oldest proposals, all of them unless told how many. */
  apply(count: number = this.proposed.length): void {
    for (let i = 0; i < count; i++) {
      const next = this.proposed.shift();
      if (next === undefined) return;
      this.preparer.beginApplying();
      applyTxn(this, next.header, next.txn, 0);
      this.preparer.endApplying(next.header.zxid);
      this.history.push(next);
    }
  }

  /** Proposes and applies. */
  run(prepare: Prepare, session?: SessionId, ids?: readonly AuthId[]): Prepared {
    const prepared = this.propose(prepare, session, ids);
    this.apply();
    return prepared;
  }
}

export const SESSION = 0x0100_0000_0000_0001n as SessionId;
const SESSIONS = [SESSION, (SESSION + 1n) as SessionId, (SESSION + 2n) as SessionId];
const ACLS = [
  OPEN_ACL,
  [
    { perms: 31, scheme: 'world', id: 'anyone' },
    { perms: 1, scheme: 'ip', id: '10.0.0.1' },
  ],
  [
    { perms: 31, scheme: 'world', id: 'anyone' },
    { perms: 2, scheme: 'digest', id: 'bob:x' },
  ],
];

export function create(path: string, flags = 0, data: Uint8Array | null = null, acl = OPEN_ACL): Prepare {
  return (preparer, context) => preparer.create({ path, data, acl, flags }, OpCode.create, context);
}

export function remove(path: string, version = -1): Prepare {
  return (preparer, context) => preparer.delete({ path, version }, context);
}

export function setData(path: string, data: string, version = -1): Prepare {
  return (preparer, context) => preparer.setData({ path, data: ascii(data), version }, context);
}

export function closeSession(session: SessionId): Prepare {
  return (preparer, context) => preparer.closeSession(session, context.zxid);
}

/** Proposes one request drawn at random, over few enough paths that they meet; many are refused. */
export function proposeRandom(target: PreparedTree, random: Prng): void {
  const session = SESSIONS[random.below(SESSIONS.length)] as SessionId;
  target.propose(randomRequest(random, session), session);
}

function randomRequest(random: Prng, session: SessionId): Prepare {
  const path = randomPath(random);
  const draw = random.below(100);
  if (draw < 40) return create(path, random.below(4), randomData(random), randomAcl(random));
  if (draw < 60) return remove(path, random.below(4) === 0 ? random.below(3) : -1);
  if (draw < 78) return setData(path, `v${random.below(1000)}`, random.below(4) === 0 ? random.below(3) : -1);
  if (draw < 84) {
    const acl = randomAcl(random);
    return (preparer, context) => preparer.setAcl({ path, acl, version: -1 }, context);
  }
  if (draw < 97) {
    const ops = Array.from({ length: random.below(5) }, () => randomOp(random));
    return (preparer, context) => preparer.multi(ops, context);
  }
  return closeSession(session);
}

function randomOp(random: Prng): MultiOp {
  const path = randomPath(random);
  switch (random.below(4)) {
    case 0:
    case 1:
      return {
        type: OpCode.create,
        request: { path, data: randomData(random), acl: randomAcl(random), flags: random.below(4) },
      };
    case 2:
      return { type: OpCode.setData, request: { path, data: randomData(random), version: -1 } };
    default:
      return { type: OpCode.delete, request: { path, version: -1 } };
  }
}

/** Of depth 1 to 3, three names at each level. */
function randomPath(random: Prng): string {
  let path = '';
  for (let depth = 1 + random.below(3); depth > 0; depth--) path += `/${'abc'[random.below(3)]}`;
  return path;
}

function randomData(random: Prng): Uint8Array | null {
  return random.below(5) === 0 ? null : ascii(`d${random.below(1000)}`);
}

function randomAcl(random: Prng): typeof OPEN_ACL {
  return random.below(3) > 0 ? OPEN_ACL : (ACLS[random.below(ACLS.length)] as typeof OPEN_ACL);
}

/** The whole of a tree's replicated state as plain values, to be compared. */
export function contentOf(tree: DataTree): unknown {
  const nodes: unknown[] = [];
  const visit = (path: string, node: Znode): void => {
    nodes.push({
      path,
      data: node.data === null ? null : [...node.data],
      acl: tree.acls.listOf(node.aclId),
      stat: [
        node.czxid,
        node.mzxid,
        node.ctime,
        node.mtime,
        node.version,
        node.cversion,
        node.aversion,
        node.ephemeralOwner,
        node.pzxid,
      ],
    });
    for (const name of [...(node.children ?? [])].sort()) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      const found = tree.get(child);
      if (found === undefined) nodes.push({ path: child, missing: true });
      else visit(child, found);
    }
  };
  const root = tree.get('/');
  if (root !== undefined) visit('/', root);
  return {
    nodes,
    nodeCount: tree.nodeCount,
    size: tree.approximateDataSize,
    digest: [tree.digest.high, tree.digest.low],
    ephemeralCount: tree.ephemeralCount,
    ephemerals: [...tree.ephemeralOwners()]
      .sort((a, b) => Number(a - b))
      .map((owner) => [owner, [...tree.ephemeralsOf(owner)].sort()]),
    lastProcessedZxid: tree.lastProcessedZxid,
  };
}
