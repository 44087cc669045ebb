import { formatZxid, type Zxid } from '../../server/base/zxid.ts';
import type { History } from '../history/history.ts';
import { NONE, opKindName, outcomeName, ROOT_KEY } from '../history/op.ts';
import type { Anomaly, AnomalyOp, CheckerResult, Verdict } from '../history/verification.ts';
import { mergeVerdicts } from './verdict.ts';

const EXAMPLES_MAX = 10;

/**
 * What a checker found: counts all of it, and keeps the first few of each name with their operations. One
 * broken server can make every read of a run an anomaly; nobody reads a million of them.
 */
export class AnomalyLog {
  readonly #history: History;
  readonly #counts = new Map<string, number>();
  readonly #examples: Anomaly[] = [];
  #verdict: Verdict = 'valid';

  constructor(history: History) {
    this.#history = history;
  }

  /** The history contradicts every correct server. `explain` is only called for what is kept. */
  invalid(name: string, rows: readonly number[], explain: () => string): void {
    this.#add('invalid', name, rows, explain);
  }

  /** The checker can't tell. */
  unknown(name: string, rows: readonly number[], explain: () => string): void {
    this.#add('unknown', name, rows, explain);
  }

  #add(verdict: 'invalid' | 'unknown', name: string, rows: readonly number[], explain: () => string): void {
    this.#verdict = mergeVerdicts([this.#verdict, verdict]);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (count > EXAMPLES_MAX) return;
    const ops = rows.filter((row) => row !== NONE).map((row) => describe(this.#history, row));
    this.#examples.push({ name, verdict, explanation: explain(), ops });
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
}

function describe(history: History, row: number): AnomalyOp {
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
