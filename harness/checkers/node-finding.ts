import { type AnomalyLog, byLastWrite, type ReferenceTo } from './anomaly-log.ts';
import { NONE } from '../history/op.ts';
import type { BrokenPromise } from './promises.ts';
import type { Reconciler } from './reconciler.ts';
import type { TreeModel } from './tree-model.ts';

/** What an operation shows of a node that the known writes do not make. */
export interface NodeFinding {
  readonly name: BrokenPromise;
  readonly row: number;
  readonly node: number;
  readonly zxid: number;
  /** See `Reconciler.isUndecided`. */
  readonly isSeenAbsent: boolean;
}

/** `explain`: `at` refers to the row, and `by` to what has made the node what it is. */
export function reportNode(
  { name, row, node, zxid, isSeenAbsent }: NodeFinding,
  to: { readonly log: AnomalyLog; readonly model: TreeModel; readonly reconciler: Reconciler },
  explain: (at: string, by: string) => string,
): void {
  const { log, model, reconciler } = to;
  const rows = [row, model.lastWrite[node] ?? NONE] as const;
  const inWords = (refer: ReferenceTo): string => explain(refer(rows[0]), byLastWrite(refer(rows[1])));
  if (reconciler.isUndecided(node, zxid, isSeenAbsent)) log.unknown(`${name}?`, [...rows], inWords);
  else log.invalid(name, [...rows], inWords);
}
