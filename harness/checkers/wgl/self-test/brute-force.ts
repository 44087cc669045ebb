import { type Model, type Operation, REFUSED } from '../model.ts';

/**
 * Whether there is an order, found by trying them all: as plain as it can be, and good for a handful of operations.
 * It shares nothing with the search but the models.
 */
export function isLinearizable<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<Input, Output>,
): boolean {
  const goesOn = (rest: readonly Operation<Input, Output>[], state: number): boolean => {
    if (rest.every(({ returnNs }) => returnNs === Infinity)) return true;
    return rest.some((candidate) => {
      const others = rest.filter((each) => each !== candidate);
      // Nothing else that is left was over before it began.
      if (others.some(({ returnNs }) => returnNs < candidate.callNs)) return false;
      const next = model.step(state, candidate.input, candidate.output);
      return next !== REFUSED && goesOn(others, next);
    });
  };
  return goesOn(operations, model.initial);
}
