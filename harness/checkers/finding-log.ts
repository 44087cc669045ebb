import type { AnomalyOp, CheckerResult } from '../history/verification.ts';
import { zx } from '../model/ghost-tree.ts';
import { describeOp } from '../model/request-op.ts';
import type { Exchange, Happening } from '../transcript/happening.ts';
import { FindingTally } from './finding-tally.ts';
import { markOf } from './mark.ts';
import type { BrokenPromise } from './promises.ts';

/** What a client was told unasked, or what it noted. */
export type Told = Exclude<Happening, { readonly type: 'request' | 'reply' }>;

/** What shows a finding. */
export type Evidence = Exchange | Told;

/**
 * What a checker has found that looks at transcripts, or at no requests at all, with what shows it, in the order in which
 * the explanation names it: as `[1]`, `[2]`.
 */
export class FindingLog {
  readonly #tally = new FindingTally();

  /** No right ensemble can have done this. `explanation`: which, and in what order. */
  invalid(name: BrokenPromise, explanation: string, evidence: readonly Evidence[] = []): void {
    this.#tally.invalid(name, () => ({ explanation, ops: evidence.map(describeEvidence) }));
  }

  /** Nobody can tell. `name`: short and stable. */
  unknown(name: string, explanation: string, evidence: readonly Evidence[] = []): void {
    this.#tally.unknown(name, () => ({ explanation, ops: evidence.map(describeEvidence) }));
  }

  result(facts: Parameters<FindingTally['result']>[0]): CheckerResult {
    return this.#tally.result(facts);
  }
}

/** `[2], [3]` for so many from that one on. */
export function references(count: number, from = 1): string {
  return Array.from({ length: count }, (_, index) => `[${from + index}]`).join(', ');
}

export function describeEvidence(evidence: Evidence): AnomalyOp {
  return 'type' in evidence ? describeTold(evidence) : describeExchange(evidence);
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

/** At the moment at which it was told. */
function describeTold(told: Told): AnomalyOp {
  return {
    index: -1,
    process: told.client,
    kind: markOf(told)?.label ?? told.type,
    outcome: 'told',
    node: told.type === 'event' ? told.path : '',
    invokeMs: told.atNs / 1e6,
    completeMs: told.atNs / 1e6,
    zxid: told.type === 'event' && told.zxid >= 0 ? zx(told.zxid) : null,
  };
}
