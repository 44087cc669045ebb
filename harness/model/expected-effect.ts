import type { SubTxn, Txn } from '../../server/wire/txns/txn.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { answerName } from './answer-name.ts';
import { sameBytes } from './same-bytes.ts';
import { parentOf, type GhostNode, type GhostTree } from './ghost-tree.ts';
import type { RequestedWrite, SingleWriteOp } from './write-op.ts';

const NO_NODE = -101;
const BAD_VERSION = -103;
const NO_CHILDREN_FOR_EPHEMERALS = -108;
const NODE_EXISTS = -110;
const NOT_EMPTY = -111;
const RUNTIME_INCONSISTENCY = -2;
/** What the server may answer to any request, whatever the tree looks like: the session has ended, or moved. */
const ANY_TIME: ReadonlySet<number> = new Set([-112, -118]);

/** The tree at one moment, with what the parts of a multi have done to it so far. */
class Draft {
  readonly #tree: GhostTree;
  readonly #zxid: number;
  readonly #changed = new Map<string, GhostNode | null>();

  constructor(tree: GhostTree, zxid: number) {
    this.#tree = tree;
    this.#zxid = zxid;
  }

  get(path: string): GhostNode | null {
    const changed = this.#changed.get(path);
    return changed === undefined ? this.#tree.at(path, this.#zxid) : changed;
  }

  set(path: string, node: GhostNode | null): void {
    this.#changed.set(path, node);
  }
}

const BLANK = { czxid: 0, mzxid: 0, pzxid: 0, ctime: 0, mtime: 0, aversion: 0 };

/**
 * Says what is wrong with the txn that a request became, given the tree as the txns before it have left it; null
 * if it is what it must be (C5, for writes whose reply nobody saw as well).
 */
export function wrongEffect(op: RequestedWrite, session: bigint, txn: Txn, tree: GhostTree): string | null {
  if (txn.type === OpCode.error && ANY_TIME.has(txn.err)) return null;
  if (op.f === 'closeSession')
    return txn.type === OpCode.closeSession ? null : 'a close became something else';
  // Whether it may go ahead depends on who follows, which the tree does not know.
  if (op.f === 'reconfig')
    return txn.type === OpCode.reconfig || txn.type === OpCode.error
      ? null
      : 'a reconfig became something else';
  const draft = new Draft(tree, tree.lastZxid);
  if (op.f === 'multi') return wrongMulti(op.ops, session, txn, draft);
  return wrongSingle(op, session, txn, draft);
}

function wrongMulti(ops: readonly SingleWriteOp[], session: bigint, txn: Txn, draft: Draft): string | null {
  if (txn.type !== OpCode.multi) return `a multi became a txn of type ${txn.type}`;
  if (txn.txns.length !== ops.length) return `a multi of ${ops.length} became one of ${txn.txns.length}`;
  const errors: number[] = [];
  for (const op of ops) {
    const err = refusalOf(op, draft);
    errors.push(err);
    if (err !== 0) break;
    perform(op, session, draft);
  }
  const isRefused = errors.at(-1) !== 0 && errors.length > 0;
  if (!isRefused) {
    return wrongParts(ops, session, txn.txns, draft);
  }
  for (const [i, sub] of txn.txns.entries()) {
    if (i < errors.length - 1) continue;
    const expected = i === errors.length - 1 ? errors[i] : RUNTIME_INCONSISTENCY;
    if (sub.type !== OpCode.error)
      return `part ${i} of a multi must be refused with ${answerName(expected ?? 0)}, and is not`;
    if (sub.err !== expected)
      return `part ${i} of a multi is refused with ${answerName(sub.err)} and not ${answerName(expected ?? 0)}`;
  }
  return null;
}

function wrongParts(
  ops: readonly SingleWriteOp[],
  session: bigint,
  subs: readonly SubTxn[],
  after: Draft,
): string | null {
  for (const [i, sub] of subs.entries()) {
    const op = ops[i] as SingleWriteOp;
    if (sub.type === OpCode.error)
      return `part ${i} of a multi is refused with ${answerName(sub.err)}, and nothing stands against it`;
    // Sequence numbers and versions inside a multi are checked when it is applied; here only what it touches.
    const wrong = wrongShape(op, session, sub, after, false);
    if (wrong !== null) return wrong;
  }
  return null;
}

function wrongSingle(op: SingleWriteOp, session: bigint, txn: Txn, draft: Draft): string | null {
  const err = refusalOf(op, draft);
  if (err !== 0) {
    if (txn.type !== OpCode.error)
      return `${op.f} ${op.path} must be refused with ${answerName(err)}, and is not`;
    return txn.err === err
      ? null
      : `${op.f} ${op.path} is refused with ${answerName(txn.err)} and not ${answerName(err)}`;
  }
  if (txn.type === OpCode.error)
    return `${op.f} ${op.path} is refused with ${answerName(txn.err)}, and nothing stands against it`;
  if (txn.type === OpCode.multi || txn.type === OpCode.createSession || txn.type === OpCode.closeSession) {
    return `${op.f} ${op.path} became a txn of type ${txn.type}`;
  }
  return wrongShape(op, session, txn, draft, true);
}

function wrongShape(
  op: SingleWriteOp,
  _session: bigint,
  txn: SubTxn,
  draft: Draft,
  isAlone: boolean,
): string | null {
  switch (op.f) {
    case 'create':
    case 'create2': {
      if (txn.type !== OpCode.create && txn.type !== OpCode.create2) return `a create became ${txn.type}`;
      const path = isAlone ? nameOf(op, draft) : null;
      if (path !== null && txn.path !== path) return `create ${op.path} made ${txn.path} and not ${path}`;
      if (!txn.path.startsWith(op.path)) return `create ${op.path} made ${txn.path}`;
      if (txn.ephemeral !== ((op.flags & 1) !== 0)) return `create ${op.path} is ephemeral: ${txn.ephemeral}`;
      return wrongData(op.path, op.data, txn.data);
    }
    case 'delete':
      return txn.type === OpCode.delete && txn.path === op.path
        ? null
        : `delete ${op.path} became ${txn.type}`;
    case 'check':
      return txn.type === OpCode.check && txn.path === op.path ? null : `check ${op.path} became ${txn.type}`;
    case 'setAcl':
      return txn.type === OpCode.setAcl && txn.path === op.path
        ? null
        : `setACL ${op.path} became ${txn.type}`;
    case 'setData':
      if (txn.type !== OpCode.setData || txn.path !== op.path) return `setData ${op.path} became ${txn.type}`;
      return wrongData(op.path, op.data, txn.data);
  }
}

function wrongData(path: string, asked: Uint8Array | null, got: Uint8Array | null): string | null {
  if (asked === null || got === null) return asked === got ? null : `${path} was given other data than asked`;
  return sameBytes(asked, got) ? null : `${path} was given other data than asked`;
}

function nameOf(op: { readonly path: string; readonly flags: number }, draft: Draft): string {
  if ((op.flags & 2) === 0) return op.path;
  return op.path + String(draft.get(parentOf(op.path))?.creates ?? 0).padStart(10, '0');
}

/** The code it must be refused with; 0 if it must not. Everybody may do everything here. */
function refusalOf(op: SingleWriteOp, draft: Draft): number {
  switch (op.f) {
    case 'create':
    case 'create2': {
      const parent = draft.get(parentOf(op.path));
      if (parent === null) return NO_NODE;
      if (draft.get(nameOf(op, draft)) !== null) return NODE_EXISTS;
      return parent.owner === 0n ? 0 : NO_CHILDREN_FOR_EPHEMERALS;
    }
    case 'delete': {
      const node = draft.get(op.path);
      if (draft.get(parentOf(op.path)) === null || node === null) return NO_NODE;
      if (op.version !== -1 && op.version !== node.version) return BAD_VERSION;
      return node.numChildren > 0 ? NOT_EMPTY : 0;
    }
    case 'setAcl': {
      const node = draft.get(op.path);
      if (node === null) return NO_NODE;
      return op.version === -1 || op.version === node.aversion ? 0 : BAD_VERSION;
    }
    default: {
      const node = draft.get(op.path);
      if (node === null) return NO_NODE;
      return op.version === -1 || op.version === node.version ? 0 : BAD_VERSION;
    }
  }
}

function perform(op: SingleWriteOp, session: bigint, draft: Draft): void {
  switch (op.f) {
    case 'create':
    case 'create2': {
      const parentPath = parentOf(op.path);
      const parent = draft.get(parentPath) as GhostNode;
      const path = nameOf(op, draft);
      const owner = (op.flags & 1) === 0 ? 0n : session;
      draft.set(path, { ...BLANK, data: op.data, version: 0, creates: 0, owner, numChildren: 0 });
      draft.set(parentPath, { ...parent, creates: parent.creates + 1, numChildren: parent.numChildren + 1 });
      return;
    }
    case 'delete': {
      const parentPath = parentOf(op.path);
      const parent = draft.get(parentPath) as GhostNode;
      draft.set(op.path, null);
      draft.set(parentPath, { ...parent, numChildren: parent.numChildren - 1 });
      return;
    }
    case 'setData': {
      const node = draft.get(op.path) as GhostNode;
      draft.set(op.path, { ...node, version: node.version + 1 });
      return;
    }
    case 'setAcl': {
      const node = draft.get(op.path) as GhostNode;
      draft.set(op.path, { ...node, aversion: node.aversion + 1 });
      return;
    }
    case 'check':
  }
}
