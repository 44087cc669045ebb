import { OpCode } from '../../server/wire/opcode.ts';
import type { Txn } from '../../server/wire/txns/txn.ts';
import type { CommittedTxn } from './committed-effect.ts';
import type { GhostTree } from './ghost-tree.ts';
import type { RequestedWrite } from './write-op.ts';

const NOT_EMPTY = -111;
/** As many requests as Apache's servers have on their way at once (`globalOutstandingLimit`). */
const ON_THEIR_WAY_MAX = 1000;

/**
 * Whether a delete was refused because of children that the end of their session had just taken away. Apache's leader (3.8
 * and 3.9, `PrepRequestProcessor`, `closeSession`) counts the parent's children down when the close is applied and not
 * when it is proposed, as it does for a delete: to what is asked in between the node still has them. Nothing is lost by it,
 * and who asks again is served.
 */
export function isLateForAClose(op: RequestedWrite, { header, txn }: CommittedTxn, tree: GhostTree): boolean {
  const path = deleteRefused(op, txn);
  if (path === null || tree.at(path, tree.lastZxid)?.numChildren !== 0) return false;
  const closes = new Set(tree.closedAt.values());
  return tree
    .changesOf('child', path)
    .some(({ zxid }) => header.zxid - zxid <= ON_THEIR_WAY_MAX && closes.has(zxid));
}

/** What was not deleted, alone or as a part of a multi, since it was not empty. */
function deleteRefused(op: RequestedWrite, txn: Txn): string | null {
  if (op.f === 'delete') return txn.type === OpCode.error && txn.err === NOT_EMPTY ? op.path : null;
  if (op.f !== 'multi' || txn.type !== OpCode.multi) return null;
  const part = op.ops[txn.txns.findIndex((sub) => sub.type === OpCode.error && sub.err === NOT_EMPTY)];
  return part?.f === 'delete' ? part.path : null;
}
