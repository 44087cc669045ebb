import { OpCode } from '../../../server/wire/opcode.ts';
import { wrongEffect } from '../ghost/expected-effect.ts';
import type { Ghost } from '../ghost/ghost.ts';
import type { GhostEntry } from '../ghost/ghost-history.ts';
import { hex, zx } from '../ghost/ghost-tree.ts';
import type { GhostPart } from '../ghost/request-ledger.ts';

/**
 * C5, C9, C12, C13: a committed txn is what its request must become on the tree before it, at its session's turn
 * and once, and it can be applied. Then it becomes part of the model.
 */
export function applyCommitted(ghost: Ghost, entry: GhostEntry): void {
  const { header, txn, zxid } = entry;
  const { tree, requests } = ghost;
  const { clientId, cxid } = header;
  const isRequest = txn.type !== OpCode.createSession && cxid !== 0;
  if (isRequest) {
    const op = requests.writeOf(clientId, cxid);
    if (op === undefined) {
      ghost.report(
        'C13',
        `${zx(zxid)} is of request ${cxid} of session ${hex(clientId)}, which was never sent`,
      );
    } else {
      const wrong = wrongEffect(op, clientId, txn, tree);
      if (wrong !== null) ghost.report('C5', `${zx(zxid)}: ${wrong}`);
    }
    if (txn.type !== OpCode.error && !requests.isInOrder(clientId, cxid)) {
      ghost.report(
        'C2',
        `${zx(zxid)} is of request ${cxid} of session ${hex(clientId)}, out of turn or again`,
      );
    }
  }
  const isAlive = tree.sessions.has(clientId);
  if (isRequest && !isAlive && txn.type !== OpCode.error) {
    ghost.report('C9', `${zx(zxid)} is of session ${hex(clientId)}, which has ended`);
  }
  const owned = txn.type === OpCode.closeSession ? tree.ephemeralsOf(clientId).size : 0;
  tree.apply(header, txn);
  if (txn.type === OpCode.reconfig) ghost.configurations.commit(zxid, txn.data);
  if (tree.fault !== null)
    ghost.report(tree.fault.includes('session') ? 'C9' : 'P10', `${zx(zxid)}: ${tree.fault}`);
  if (txn.type === OpCode.closeSession) {
    ghost.marks.hit(cxid === 0 ? 'session expired' : 'session closed');
    if (owned > 0) ghost.marks.hit('ephemerals deleted');
  }
  if (isRequest)
    requests.results.set(zxid, {
      session: clientId,
      cxid,
      err: errorOf(entry),
      parts: partsOf(ghost, entry),
    });
}

function errorOf({ txn }: GhostEntry): number {
  return txn.type === OpCode.error ? txn.err : 0;
}

function partsOf(ghost: Ghost, { txn }: GhostEntry): readonly GhostPart[] {
  if (txn.type !== OpCode.multi) return ghost.tree.made.map((made) => ({ err: 0, ...made }));
  const failed = txn.txns.some((sub) => sub.type === OpCode.error);
  ghost.marks.hit(failed ? 'multi refused' : 'multi done');
  if (!failed) return ghost.tree.made.map((made) => ({ err: 0, ...made }));
  return txn.txns.map((sub) => ({ err: sub.type === OpCode.error ? sub.err : 0, path: '', node: null }));
}
