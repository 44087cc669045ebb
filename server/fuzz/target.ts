import type { Mutator } from './mutator.ts';

/** Something that takes bytes from outside, and how to tell that it took them well. */
export interface FuzzTarget {
  readonly name: string;
  /** What real programs send there, or leave there. */
  readonly corpus: readonly Uint8Array[];
  /** Where random changes alone would not get past a checksum or a length. */
  readonly mutate?: (mutator: Mutator) => Uint8Array;
  /**
   * Brings the input in, as it would come. Throws what is a finding: any error but the refusal that is meant for bad
   * input, and anything left behind that should not be.
   */
  run(input: Uint8Array): void;
}

/** Lets pass what is how bad input is refused here. */
export function expecting(refusal: new (...args: never[]) => Error, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
  }
}

export function check(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(what);
}
