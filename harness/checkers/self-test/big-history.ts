import { Prng } from '../../../server/base/prng.ts';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import { clearOp, newOp, type Op, OpKind, Outcome, Phase, ROOT_KEY, valueIdOf } from '../../history/op.ts';

const FIRST_ZXID = 2 ** 32 + 1;

export interface BigHistoryOptions {
  readonly seed: number;
  readonly ops: number;
  readonly keys: number;
  readonly sessions: number;
  /** Share of the writes whose reply is lost. Half of these took effect, and of the others nothing is ever seen. */
  readonly indeterminateRate: number;
}

/**
 * The valid history of a long, plain load: half reads, half writes, over keys made first. `record` gets each
 * operation in one reused object. It is for measuring, so it is cheap and has none of the twists that
 * `RandomHistory` has.
 */
export function bigHistory(options: BigHistoryOptions, record: (op: Op) => void): void {
  const { keys, sessions } = options;
  const prng = new Prng(options.seed);
  const version = new Int32Array(keys).fill(-1);
  const czxid = new Float64Array(keys);
  const mzxid = new Float64Array(keys);
  const valueId = new Float64Array(keys);
  const xids = new Int32Array(sessions);
  const op = newOp();
  let zxid = FIRST_ZXID;
  let nowNs = 0;

  begin(ROOT_KEY, OpKind.create);
  op.zxid = zxid;
  record(op);
  for (let index = 1; index < options.ops; index++) {
    const isPrepare = index <= keys;
    const key = isPrepare ? index - 1 : prng.below(keys);
    const isWrite = isPrepare || prng.below(2) === 0;
    begin(key, isPrepare ? OpKind.create : isWrite ? OpKind.setData : OpKind.getData);
    op.phase = isPrepare ? Phase.prepare : Phase.measure;
    const isUnanswered = isWrite && !isPrepare && prng.next() < options.indeterminateRate;
    if (isWrite) op.valueId = valueIdOf(op.process, op.xid);
    if (isWrite && !(isUnanswered && prng.below(2) === 0)) {
      zxid++;
      version[key] = (version[key] ?? 0) + 1;
      mzxid[key] = zxid;
      valueId[key] = op.valueId;
      if (isPrepare) czxid[key] = zxid;
    }
    if (!isWrite) op.valueId = valueId[key] ?? 0;
    if (isUnanswered) {
      op.outcome = Outcome.info;
      op.error = ErrorCode.connectionLoss;
    } else {
      op.zxid = zxid;
      if (!isPrepare) {
        op.version = version[key] ?? 0;
        op.czxid = czxid[key] ?? 0;
        op.mzxid = mzxid[key] ?? 0;
      }
    }
    record(op);
  }

  function begin(key: number, kind: OpKind): void {
    clearOp(op);
    op.process = prng.below(sessions);
    xids[op.process] = (xids[op.process] ?? 0) + 1;
    op.xid = xids[op.process] ?? 0;
    op.key = key;
    op.kind = kind;
    nowNs += 5000 + prng.below(10_000);
    op.completeNs = nowNs;
    op.invokeNs = nowNs - 4000 - (prng.below(20) === 0 ? prng.below(3_000_000) : prng.below(400_000));
    op.intendedNs = op.invokeNs - prng.below(50_000);
  }
}
