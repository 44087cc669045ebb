import { Prng } from '../base/prng.ts';
import { Mutator } from './mutator.ts';
import type { FuzzTarget } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly input: Uint8Array;
  readonly error: Error;
}

/** Which input of a target: everything about it follows from these two. */
export interface InputId {
  readonly seed: number;
  readonly index: number;
}

/** Recorded inputs come first, as they are; all others are made of them. */
export function inputOf(target: FuzzTarget, { seed, index }: InputId): Uint8Array {
  const { corpus, mutate } = target;
  if (mutate === undefined && index < corpus.length) return corpus[index] as Uint8Array;
  const mutator = new Mutator(new Prng(seed).fork(index), corpus);
  return mutate === undefined ? mutator.any() : mutate(mutator);
}

/** Null if the target takes it as it should. */
export function tryInput(target: FuzzTarget, input: Uint8Array): Finding | null {
  try {
    target.run(input);
    return null;
  } catch (error) {
    return { target: target.name, input, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Makes a finding's input as short as it can be and still be one. */
export function shrink(target: FuzzTarget, finding: Finding): Finding {
  let best = finding;
  for (let size = best.input.length >>> 1; size > 0;) {
    const shorter = withoutPart(target, best, size);
    if (shorter === null) size >>>= 1;
    else best = shorter;
  }
  return best;
}

function withoutPart(target: FuzzTarget, { input, error }: Finding, size: number): Finding | null {
  for (let start = 0; start < input.length; start += size) {
    const shorter = new Uint8Array(Buffer.concat([input.subarray(0, start), input.subarray(start + size)]));
    const found = tryInput(target, shorter);
    // Of the same kind: another one may hide behind it.
    if (found !== null && found.error.message === error.message) return found;
  }
  return null;
}
