import type { Children } from '../history/history.ts';
import { NONE } from '../history/op.ts';
import { showZxid } from './anomaly-log.ts';
import type { IndeterminateWrites } from './indeterminate.ts';
import type { TreeModel } from './tree-model.ts';

export interface WrongChildren {
  readonly name: 'wrong number of children' | 'wrong child counters';
  readonly words: string;
}

/**
 * Holds what a getChildren showed against the model, or says what is wrong with it.
 *
 * A client's cversion counts creates and deletes of children together, so with the number of children it gives
 * both. Each is what the known writes make it, and at most as many more as there are unknown ones.
 */
export function wrongChildrenOf(
  seen: Children,
  node: number,
  model: TreeModel,
  writes: IndeterminateWrites,
): WrongChildren | null {
  const { cversion, numChildren, pzxid } = seen;
  const children = model.children[node] ?? 0;
  const mayMiss = writes.childDeletes.get(node) ?? 0;
  const mayHave = writes.childCreates.get(node) ?? 0;
  const isLost = model.areChildrenUnknown[node] === 1;
  if (numChildren !== NONE && !isLost && !isWithin(numChildren, children - mayMiss, children + mayHave)) {
    const is = `${children} children (up to ${mayMiss} fewer or ${mayHave} more)`;
    return { name: 'wrong number of children', words: `has ${is}, and ${numChildren} were listed` };
  }
  if (cversion === NONE || numChildren === NONE) return null;

  const creates = (cversion + numChildren) / 2;
  const deletes = (cversion - numChildren) / 2;
  const knownCreates = model.childCreates[node] ?? 0;
  const knownDeletes = knownCreates - children;
  const isCounted = model.isFromStart[node] === 1 && !isLost;
  const isRight =
    Number.isInteger(creates) &&
    (!isCounted ||
      (isWithin(creates, knownCreates, knownCreates + mayHave) &&
        isWithin(deletes, knownDeletes, knownDeletes + mayMiss) &&
        isRightPzxid(pzxid, mayHave + mayMiss === 0, model.pzxid[node] ?? 0)));
  if (isRight) return null;
  const is = `cversion ${model.cversion(node)}, pzxid ${showZxid(model.pzxid[node] ?? 0)}, ${children} children`;
  const was = `${cversion}, ${showZxid(pzxid)} and ${numChildren} were shown`;
  return { name: 'wrong child counters', words: `has ${is} by the known writes, and ${was}` };
}

/** The model's is that of the last known write. That of a node an unknown write made isn't known. */
function isRightPzxid(seen: number, isExact: boolean, known: number): boolean {
  if (seen === NONE || known < 0) return true;
  return isExact ? seen === known : seen >= known;
}

function isWithin(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}
