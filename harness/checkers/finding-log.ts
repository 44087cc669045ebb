import type { AnomalyOp, CheckerResult } from '../history/verification.ts';
import { FindingTally } from './finding-tally.ts';
import { zx } from '../model/ghost-tree.ts';
import { describeOp } from '../model/request-op.ts';
import type { Exchange } from '../transcript/happening.ts';

/** What a checker has found that looks at transcripts, or at no requests at all, with the requests that show it. */
export class FindingLog {
  readonly #tally = new FindingTally();

  /** No right ensemble can have done this. `name`: short and stable; `explanation`: which, in what order, and why not. */
  invalid(name: string, explanation: string, exchanges: readonly Exchange[] = []): void {
    this.#tally.add('invalid', name, () => ({ explanation, ops: exchanges.map(describeExchange) }));
  }

  /** Nobody can tell. */
  unknown(name: string, explanation: string, exchanges: readonly Exchange[] = []): void {
    this.#tally.add('unknown', name, () => ({ explanation, ops: exchanges.map(describeExchange) }));
  }

  result(facts: Parameters<FindingTally['result']>[0]): CheckerResult {
    return this.#tally.result(facts);
  }
}

/** A request of a transcript, for people. */
export function describeExchange({ client, xid, op, sentNs, reply }: Exchange): AnomalyOp {
  return {
    index: xid,
    process: client,
    kind: op === null || op.f === 'reconfig' ? (op?.f ?? 'request') : describeOp(op),
    outcome: reply === null ? 'info' : reply.err === 0 ? 'ok' : 'fail',
    node: op !== null && 'path' in op ? op.path : '/',
    invokeMs: sentNs / 1e6,
    completeMs: (reply?.receivedNs ?? sentNs) / 1e6,
    zxid: reply === null ? null : zx(reply.zxid),
  };
}
