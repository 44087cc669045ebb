import { type Cut, History } from './history.ts';
import { NONE, type Op } from './op.ts';

/** A history from operations in memory, in the order of their completion: what a simulated run has. */
export function historyOf(ops: readonly Op[], cuts: readonly Cut[] = []): History {
  const history = new History(ops.length, cuts);
  for (const [row, op] of ops.entries()) {
    history.process[row] = op.process;
    history.xid[row] = op.xid;
    history.kind[row] = op.kind;
    history.outcome[row] = op.outcome;
    history.phase[row] = op.phase;
    history.inMulti[row] = op.inMulti;
    history.key[row] = op.key;
    history.sequence[row] = op.sequence;
    history.intendedNs[row] = op.intendedNs;
    history.invokeNs[row] = op.invokeNs;
    history.completeNs[row] = op.completeNs;
    history.error[row] = op.error;
    history.zxid[row] = op.zxid;
    history.valueId[row] = op.valueId;
    history.askedVersion[row] = op.askedVersion;
    history.version[row] = op.version;
    history.czxid[row] = op.czxid;
    history.mzxid[row] = op.mzxid;
    const { cversion, numChildren, pzxid } = op;
    if (cversion !== NONE || numChildren !== NONE || pzxid !== NONE) {
      history.children.set(row, { cversion, numChildren, pzxid });
    }
  }
  return history;
}
