import { OpCode } from '../../server/wire/opcode.ts';
import type { TxnHeader } from '../../server/wire/txns/txn-header.ts';
import type { Txn } from '../../server/wire/txns/txn.ts';
import { wrongEffect } from './expected-effect.ts';
import { hex, zx } from './ghost-tree.ts';
import { isLateForAClose } from './late-for-a-close.ts';
import type { Model } from './model.ts';
import type { GhostPart } from './request-ledger.ts';

/** A txn, and whose it is. Its bytes are its own. */
export interface CommittedTxn {
  readonly header: TxnHeader;
  readonly txn: Txn;
}

/**
 * C5, C9, C12, C13: a committed txn is what its request must become on the tree before it, at its session's turn
 * and once, and it can be applied. Then it becomes part of the model. Of a session that the ledger does not know
 * nothing is asked but that.
 */
export function applyCommitted(model: Model, { header, txn }: CommittedTxn): void {
  const { tree, requests } = model;
  const { clientId, cxid, zxid } = header;
  const isRequest = txn.type !== OpCode.createSession && cxid !== 0;
  if (isRequest && requests.isKnown(clientId)) checkRequest(model, { header, txn });
  const isAlive = tree.sessions.has(clientId);
  if (isRequest && !isAlive && txn.type !== OpCode.error) {
    const ended = tree.closedAt.get(clientId);
    model.report(
      'C9',
      `${zx(zxid)} is of session ${hex(clientId)}, which has ended${ended === undefined ? '' : ` at ${zx(ended)}`}`,
      ended === undefined
        ? [{ is: 'txn', zxid }]
        : [
            { is: 'txn', zxid },
            { is: 'txn', zxid: ended },
          ],
    );
  }
  const owned = txn.type === OpCode.closeSession ? tree.ephemeralsOf(clientId).size : 0;
  tree.apply(header, txn);
  if (tree.fault !== null)
    model.report(tree.fault.includes('session') ? 'C9' : 'P10', `${zx(zxid)}: ${tree.fault}`, [
      { is: 'txn', zxid },
    ]);
  if (txn.type === OpCode.closeSession) {
    model.mark(cxid === 0 ? 'session expired' : 'session closed');
    if (owned > 0) model.mark('ephemerals deleted');
  }
  if (isRequest)
    requests.results.set(zxid, { session: clientId, cxid, err: errorOf(txn), parts: partsOf(model, txn) });
}

function checkRequest(model: Model, { header, txn }: CommittedTxn): void {
  const { clientId, cxid, zxid } = header;
  const { requests } = model;
  const op = requests.writeOf(clientId, cxid);
  const what = `${zx(zxid)} is of request ${cxid} of session ${hex(clientId)}`;
  if (op === undefined) {
    model.report('C13', `${what}, which was never sent`, [{ is: 'txn', zxid }]);
  } else {
    const wrong = wrongEffect(op, clientId, txn, model.tree);
    if (wrong !== null && model.hasApacheServers && isLateForAClose(op, { header, txn }, model.tree))
      model.mark('refused for children that a close had taken');
    else if (wrong !== null) model.report('C5', `${zx(zxid)}: ${wrong}`, [{ is: 'txn', zxid }]);
  }
  if (txn.type !== OpCode.error && !requests.isInOrder(clientId, cxid)) {
    model.report('C2', `${what}, out of turn or again`, [{ is: 'txn', zxid }]);
  }
}

function errorOf(txn: Txn): number {
  return txn.type === OpCode.error ? txn.err : 0;
}

function partsOf(model: Model, txn: Txn): readonly GhostPart[] {
  if (txn.type !== OpCode.multi) return model.tree.made.map((made) => ({ err: 0, ...made }));
  const failed = txn.txns.some((sub) => sub.type === OpCode.error);
  model.mark(failed ? 'multi refused' : 'multi done');
  if (!failed) return model.tree.made.map((made) => ({ err: 0, ...made }));
  return txn.txns.map((sub) => ({ err: sub.type === OpCode.error ? sub.err : 0, path: '', node: null }));
}
