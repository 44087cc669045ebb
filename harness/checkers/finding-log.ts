import { mergeVerdicts } from './verdict.ts';
import type { Anomaly, AnomalyOp, CheckerResult, Verdict } from '../history/verification.ts';
import { zx } from '../model/ghost-tree.ts';
import { describeOp } from '../model/request-op.ts';
import type { Exchange } from '../transcript/happening.ts';

const EXAMPLES_MAX = 10;

/** What a checker has found that looks at transcripts, or at no requests at all: all of it counted, the first few of each name kept with their requests. */
export class FindingLog {
  readonly #counts = new Map<string, number>();
  readonly #examples: Anomaly[] = [];
  #verdict: Verdict = 'valid';

  /** No right ensemble can have done this. `name`: short and stable; `explanation`: which, in what order, and why not. */
  invalid(name: string, explanation: string, exchanges: readonly Exchange[] = []): void {
    this.#add('invalid', name, explanation, exchanges);
  }

  /** Nobody can tell. */
  unknown(name: string, explanation: string, exchanges: readonly Exchange[] = []): void {
    this.#add('unknown', name, explanation, exchanges);
  }

  result(facts: {
    readonly name: string;
    readonly opsChecked: number;
    readonly durationMs: number;
  }): CheckerResult {
    return {
      ...facts,
      verdict: this.#verdict,
      counts: Object.fromEntries(this.#counts),
      anomalies: this.#examples,
    };
  }

  #add(
    verdict: 'unknown' | 'invalid',
    name: string,
    explanation: string,
    exchanges: readonly Exchange[],
  ): void {
    this.#verdict = mergeVerdicts([this.#verdict, verdict]);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (count <= EXAMPLES_MAX)
      this.#examples.push({ name, verdict, explanation, ops: exchanges.map(describeExchange) });
  }
}

function describeExchange({ client, xid, op, sentNs, reply }: Exchange): AnomalyOp {
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
