import { formatZxid, type Zxid } from '../../server/base/zxid.ts';
import type { History } from '../history/history.ts';
import { NONE, opKindName, outcomeName, ROOT_KEY } from '../history/op.ts';
import type { AnomalyOp, CheckerResult } from '../history/verification.ts';
import { FindingTally } from './finding-tally.ts';
import type { BrokenPromise } from './promises.ts';

/** ` [2]` for the row that is the finding's second operation; nothing for one that it is not made of. */
export type ReferenceTo = (row: number) => string;

/** In words, how a znode came to be as it is: by the row with this reference, if any has one. */
export function byLastWrite(reference: string): string {
  return reference === '' ? '' : `, by its last known write${reference}`;
}

type Explain = (refer: ReferenceTo) => string;

/** What a checker found in a history, with the rows that show it, in the order in which the explanation names them. */
export class AnomalyLog {
  readonly #history: History;
  readonly #tally = new FindingTally();

  constructor(history: History) {
    this.#history = history;
  }

  /** The history contradicts every correct server. `explain` is only called for what is kept; rows may be NONE. */
  invalid(name: BrokenPromise, rows: readonly number[], explain: Explain): void {
    this.#tally.invalid(name, () => this.#described(rows, explain));
  }

  /** The checker can't tell. */
  unknown(name: string, rows: readonly number[], explain: Explain): void {
    this.#tally.unknown(name, () => this.#described(rows, explain));
  }

  result(facts: Parameters<FindingTally['result']>[0]): CheckerResult {
    return this.#tally.result(facts);
  }

  #described(rows: readonly number[], explain: Explain): ReturnType<Parameters<FindingTally['invalid']>[1]> {
    const known = [...new Set(rows)].filter((row) => row !== NONE);
    return {
      explanation: explain((row) => (known.includes(row) ? ` [${known.indexOf(row) + 1}]` : '')),
      ops: known.map((row) => describeRow(this.#history, row)),
    };
  }
}

/** An operation of a history, for people. */
export function describeRow(history: History, row: number): AnomalyOp {
  const zxid = history.zxid[row] ?? NONE;
  return {
    index: row,
    process: history.process[row] ?? NONE,
    kind: opKindName(history.kind[row] ?? NONE),
    outcome: outcomeName(history.outcome[row] ?? NONE),
    node: nodeName(history.key[row] ?? ROOT_KEY, history.sequence[row] ?? NONE),
    invokeMs: (history.invokeNs[row] ?? NONE) / 1e6,
    completeMs: (history.completeNs[row] ?? NONE) / 1e6,
    zxid: zxid > 0 ? formatZxid(zxid as Zxid) : null,
  };
}

/** Below the run's root, as a person would look for it. The prefix of a sequential name isn't in the history. */
export function nodeName(key: number, sequence: number): string {
  const parent = key === ROOT_KEY ? '/' : `k${key}`;
  if (sequence === NONE) return parent;
  const child = `…${String(sequence).padStart(10, '0')}`;
  return key === ROOT_KEY ? child : `${parent}/${child}`;
}

export function showZxid(zxid: number): string {
  return zxid > 0 ? formatZxid(zxid as Zxid) : 'an unknown zxid';
}

/** `value 3.17`: the 17th value of writer 3. */
export function showValue(valueId: number): string {
  if (valueId < 0) return 'no value of this run';
  const writer = Math.floor(valueId / 2 ** 32);
  return `value ${writer}.${valueId - writer * 2 ** 32}`;
}
