import { mergeVerdicts } from './verdict.ts';
import type { Anomaly, AnomalyOp, CheckerResult, Verdict } from '../history/verification.ts';
import { type BrokenPromise, PROMISES } from './promises.ts';

const EXAMPLES_MAX = 10;

/** What one more finding says: the operations that show it, and how; only asked for what is kept. */
export type Explain = () => { readonly explanation: string; readonly ops: AnomalyOp[] };

/**
 * What a checker has found: all of it counted, and the first few of each name kept. One broken server can make every
 * read of a run an anomaly; nobody reads a million of them.
 */
export class FindingTally {
  readonly #counts = new Map<string, number>();
  readonly #examples: Anomaly[] = [];
  #verdict: Verdict = 'valid';

  /** Nothing right can have done this. */
  invalid(name: BrokenPromise, explain: Explain): void {
    this.#add({ name, verdict: 'invalid', why: PROMISES[name] }, explain);
  }

  /** Nobody can tell. `name`: short and stable. */
  unknown(name: string, explain: Explain): void {
    this.#add({ name, verdict: 'unknown' }, explain);
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

  #add(finding: Pick<Anomaly, 'name' | 'verdict' | 'why'>, explain: Explain): void {
    const { name, verdict } = finding;
    this.#verdict = mergeVerdicts([this.#verdict, verdict]);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (count <= EXAMPLES_MAX) this.#examples.push({ ...finding, ...explain() });
  }
}
