import type { Model, Operation } from './model.ts';
import type { Search } from './search.ts';

/** More of an order, or of what might come next, nobody reads. */
const PLACED_SHOWN_MAX = 8;
const BESIDE_SHOWN_MAX = 8;

export interface Explanation<Input, Output> {
  /** `[2]` stands for the second of the operations. */
  readonly explanation: string;
  /** Those that it names, in its order. */
  readonly operations: readonly Operation<Input, Output>[];
}

/**
 * In words, why there is no order: the one that gets farthest, what it comes to, and what stands against everything
 * that might come next. Every other order gets stuck there or before.
 */
export function explain<Input, Output>(
  search: Search<Input, Output>,
  model: Model<Input, Output>,
): Explanation<Input, Output> {
  const { placed, stuck, candidates } = search.farthestOrder();
  let state = model.initial;
  for (const { input, output } of placed) state = model.step(state, input, output);

  const placedShown = placed.slice(-PLACED_SHOWN_MAX);
  const beside = candidates.filter((candidate) => candidate !== stuck);
  const besideShown = beside.slice(0, BESIDE_SHOWN_MAX);
  const operations = [...placedShown, stuck, ...besideShown];
  const show = (operation: Operation<Input, Output>): string => {
    const { input, output } = operation;
    return `\`${model.showOperation(input, output)}\` [${operations.indexOf(operation) + 1}]`;
  };
  const against = (operation: Operation<Input, Output>): string => {
    if (operation.returnNs === Infinity)
      return `${show(operation)} may have happened by then, which does not help`;
    return `${show(operation)} would be answered ${model.showAnswer(state, operation.input)}`;
  };
  const which =
    placed.length > placedShown.length ? `, the last ${placedShown.length} in this order` : ' in this order';
  const sentences = [
    placed.length === 0
      ? 'Nothing can be placed.'
      : `${placed.length} can be placed${which}: ${placedShown.map(show).join('; ')}.`,
    `That leaves ${model.showState(state)}.`,
    `Next has to come what ran until the first of the others returned: ${[stuck, ...besideShown].map(against).join('; ')}` +
      `${beside.length > besideShown.length ? `; and so on with ${beside.length - besideShown.length} more` : ''}.`,
    'No other order gets farther.',
  ];
  return { explanation: sentences.join(' '), operations };
}
