import { type Model, REFUSED } from '../model.ts';
import { PairNumbers } from '../state-numbers.ts';

export type VersionedRegisterInput =
  | { readonly kind: 'read' }
  /** `askedVersion`: the version it is conditional on; ANY_VERSION for none. */
  | { readonly kind: 'write'; readonly value: number; readonly askedVersion: number };

/** Null in place of an output's field, too, says that it isn't known. */
export type VersionedRegisterOutput =
  | { readonly isRefused: true }
  | { readonly isRefused: false; readonly version: number | null; readonly value: number | null };

export const ANY_VERSION = -1;

/** A value with a version that each write raises by one, and on which a write may be conditional: a znode that stays. */
export class VersionedRegisterModel implements Model<VersionedRegisterInput, VersionedRegisterOutput> {
  readonly initial: number;
  /** Version and value of each state. */
  readonly #states = new PairNumbers();

  constructor(initialValue = 0) {
    this.initial = this.#states.numberOf(0, initialValue);
  }

  step(state: number, input: VersionedRegisterInput, output: VersionedRegisterOutput | null): number {
    const version = this.#states.firstOf(state);
    if (input.kind === 'read') {
      if (output === null) return state;
      const isRight = !output.isRefused && fits(output, version, this.#states.secondOf(state));
      return isRight ? state : REFUSED;
    }
    const isRefused = input.askedVersion !== ANY_VERSION && input.askedVersion !== version;
    if (output !== null && output.isRefused !== isRefused) return REFUSED;
    if (isRefused) return state;
    if (output !== null && !output.isRefused && !fits(output, version + 1, input.value)) return REFUSED;
    return this.#states.numberOf(version + 1, input.value);
  }

  isObservation(input: VersionedRegisterInput, output: VersionedRegisterOutput | null): boolean {
    return input.kind === 'read' || output?.isRefused === true;
  }

  showOperation(input: VersionedRegisterInput, output: VersionedRegisterOutput | null): string {
    if (input.kind === 'read') return `read → ${showOutput(output)}`;
    const condition = input.askedVersion === ANY_VERSION ? '' : ` if version ${input.askedVersion}`;
    return `write ${input.value}${condition} → ${showOutput(output)}`;
  }

  showState(state: number): string {
    return `version ${this.#states.firstOf(state)}, value ${this.#states.secondOf(state)}`;
  }

  showAnswer(state: number, input: VersionedRegisterInput): string {
    const version = this.#states.firstOf(state);
    if (input.kind === 'read') return this.showState(state);
    const isRefused = input.askedVersion !== ANY_VERSION && input.askedVersion !== version;
    return isRefused ? 'refused' : `version ${version + 1}`;
  }
}

function fits(
  output: { readonly version: number | null; readonly value: number | null },
  version: number,
  value: number,
): boolean {
  return (
    (output.version === null || output.version === version) &&
    (output.value === null || output.value === value)
  );
}

function showOutput(output: VersionedRegisterOutput | null): string {
  if (output === null) return '?';
  if (output.isRefused) return 'refused';
  const value = output.value === null ? '' : `, value ${output.value}`;
  return `version ${output.version ?? '?'}${value}`;
}
