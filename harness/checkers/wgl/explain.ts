import type { Model, Operation } from './model.ts';
import type { Search } from './search.ts';

/** More of an order, or of what might come next, nobody reads. */
const PLACED_SHOWN_MAX = 8;
const BESIDE_SHOWN_MAX = 8;

/**
 * In words, why there is no order: the one that gets farthest, what it comes to, and what stands against everything
 * that might come next. Every other order gets stuck there or before.
 */
export function explain<Input, Output>(
  search: Search<Input, Output>,
  model: Model<Input, Output>,
): { readonly explanation: string; readonly operations: readonly Operation<Input, Output>[] } {
  const { placed, stuck, candidates } = search.farthestOrder();
  let state = model.initial;
  for (const { input, output } of placed) state = model.step(state, input, output);

  const beside = candidates.filter((candidate) => candidate !== stuck);
  const shown = beside.slice(0, BESIDE_SHOWN_MAX);
  const against = (operation: Operation<Input, Output>): string => {
    const what = showOperation(operation, model);
    if (operation.returnNs === Infinity) return `${what} may have happened by then, which does not help`;
    return `${what} would be answered ${model.showAnswer(state, operation.input)}`;
  };
  const sentences = [
    `${placedInWords(placed, model)} That leaves ${model.showState(state)}.`,
    `Next has to come what ran until the first of the others returned: ${[stuck, ...shown].map(against).join('; ')}` +
      `${beside.length > shown.length ? `; and so on with ${beside.length - shown.length} more` : ''}.`,
    'No other order gets farther.',
  ];
  return { explanation: sentences.join(' '), operations: [stuck, ...shown] };
}

function placedInWords<Input, Output>(
  placed: readonly Operation<Input, Output>[],
  model: Model<Input, Output>,
): string {
  if (placed.length === 0) return 'Nothing can be placed.';
  const shown = placed.slice(-PLACED_SHOWN_MAX).map((operation) => showOperation(operation, model));
  const which = placed.length > shown.length ? `, the last ${shown.length} in this order` : ' in this order';
  return `${placed.length} can be placed${which}: ${shown.join('; ')}.`;
}

function showOperation<Input, Output>(
  { process, callNs, returnNs, input, output }: Operation<Input, Output>,
  model: Model<Input, Output>,
): string {
  const when = returnNs === Infinity ? `from ${inMs(callNs)} ms` : `${inMs(callNs)}–${inMs(returnNs)} ms`;
  return `\`${model.showOperation(input, output)}\` (process ${process}, ${when})`;
}

function inMs(ns: number): string {
  return (ns / 1e6).toFixed(3);
}
