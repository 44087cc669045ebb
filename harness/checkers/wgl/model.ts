/**
 * What an operation found out, and when. Both ends of its interval belong to it: an operation that was called at
 * the very time at which another returned was concurrent with that.
 */
export interface Operation<Input, Output> {
  /** Who asked; only for the words of an explanation. */
  readonly process: number;
  readonly callNs: number;
  /** Infinity: no answer came, and it may have happened any time after its call, or never. */
  readonly returnNs: number;
  /** What is the same object asks the same: of many that never return, the search then tries so many and not which. */
  readonly input: Input;
  /** Null: it isn't known what was answered, or nothing was. */
  readonly output: Output | null;
}

/** What `step` gives where an operation can't have had its output in that state. No state has this number. */
export const REFUSED = -0x80000000;

/**
 * What an object does when it is asked one thing at a time.
 *
 * States are numbers (int32), so that the search can compare and keep them at no cost; a model whose states are no
 * numbers by nature numbers them as it meets them, equal states equally. It therefore belongs to one search.
 */
export interface Model<Input, Output> {
  readonly initial: number;
  /** The state after `input` was answered by `output` in `state`, or REFUSED. It must always say the same. */
  step(state: number, input: Input, output: Output | null): number;
  /**
   * Whether the operation, with this output, changes no state at all: a read, or an update that was refused. The
   * search takes one as soon as it fits and never takes it back, so a wrong yes makes verdicts wrong; a no never does.
   */
  isObservation(input: Input, output: Output | null): boolean;
  /** `set to 5 if version 3 → version 4`. */
  showOperation(input: Input, output: Output | null): string;
  /** `version 3, value 5`. */
  showState(state: number): string;
  /** What `input` would be answered in `state`: what an operation that doesn't fit stands against. */
  showAnswer(state: number, input: Input): string;
}
