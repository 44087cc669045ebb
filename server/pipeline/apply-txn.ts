import { assert } from '../base/assert.ts';
import { NO_SESSION } from '../base/session-id.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { CONTAINER_OWNER, ttlOwner } from '../tree/znode.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import type { MultiTxn, SubTxn, Txn } from '../wire/txns/txn.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { LoggedTxn } from './pending-write.ts';

/** Told of each operation of a multi as soon as it is applied, when its node still is as it left it. */
export type OnSubTxn = (txn: SubTxn, error: ErrorCode) => void;

/** Applies a txn that has been logged. One that was prepared here, against the state as it is now, can't be refused. */
export function applyLogged(
  state: { readonly tree: DataTree; readonly sessions: SessionTracker },
  { header, txn, isPreparedHere }: LoggedTxn,
  nowMs: number,
  onSubTxn?: OnSubTxn,
): void {
  const error = applyTxn(state, header, txn, nowMs, onSubTxn);
  assert(
    !isPreparedHere || txn.type === OpCode.error || error === ErrorCode.ok,
    'a prepared txn did not apply',
  );
}

/**
 * The one way a txn changes the replicated state: when it is committed, and when a log is replayed (B03, B16).
 * The error it returns is part of the state's history too: an error txn changes nothing but the zxid.
 */
export function applyTxn(
  state: { readonly tree: DataTree; readonly sessions: SessionTracker },
  header: TxnHeader,
  txn: Txn,
  nowMs: number,
  onSubTxn?: OnSubTxn,
): ErrorCode {
  const { tree } = state;
  // The digest of the state before: of one that was prepared here it was not complete when that txn was applied.
  tree.digestLog.note(tree.lastProcessedZxid, tree.digest);
  let error: ErrorCode = ErrorCode.ok;
  switch (txn.type) {
    case OpCode.createSession:
      state.sessions.add(header.clientId, txn.timeOut, nowMs);
      break;
    case OpCode.closeSession:
      tree.closeSession(header.clientId, txn.paths2Delete, header.zxid);
      state.sessions.remove(header.clientId);
      break;
    case OpCode.multi:
      applyMulti(tree, header, txn, onSubTxn);
      break;
    default:
      error = applyToTree(tree, header, txn);
  }
  // Only now: a multi is one step of the history, and nothing may see half of it (B22).
  tree.lastProcessedZxid = header.zxid;
  return error;
}

function applyToTree(tree: DataTree, header: TxnHeader, txn: SubTxn): ErrorCode {
  const { zxid, time } = header;
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2: {
      const owner = txn.ephemeral ? header.clientId : NO_SESSION;
      return tree.create(txn.path, txn.data, txn.acl ?? [], owner, txn.parentCVersion, zxid, time);
    }
    case OpCode.createContainer:
      return tree.create(txn.path, txn.data, txn.acl ?? [], CONTAINER_OWNER, txn.parentCVersion, zxid, time);
    case OpCode.createTtl:
      return tree.create(
        txn.path,
        txn.data,
        txn.acl ?? [],
        ttlOwner(txn.ttl),
        txn.parentCVersion,
        zxid,
        time,
      );
    case OpCode.delete:
    case OpCode.deleteContainer:
      return tree.delete(txn.path, zxid);
    case OpCode.setData:
    case OpCode.reconfig:
      return tree.setData(txn.path, txn.data, txn.version, zxid, time);
    case OpCode.setAcl:
      return tree.setAcl(txn.path, txn.acl ?? [], txn.version);
    case OpCode.error:
      return txn.err as ErrorCode;
    case OpCode.check:
      return ErrorCode.ok;
  }
}

function applyMulti(
  tree: DataTree,
  header: TxnHeader,
  { txns }: MultiTxn,
  onSubTxn: OnSubTxn | undefined,
): void {
  // A multi with an error among its txns failed as a whole: nothing of it is applied, and those before the
  // error report 0 (protocol §2).
  const failed = txns.some((txn) => txn.type === OpCode.error);
  for (const txn of txns) {
    let error: ErrorCode = ErrorCode.ok;
    if (txn.type === OpCode.error) error = txn.err as ErrorCode;
    else if (!failed) error = applyToTree(tree, header, txn);
    onSubTxn?.(failed ? { type: OpCode.error, err: error } : txn, error);
  }
}
