import { type Model, REFUSED } from '../model.ts';

/** Values are int32, but not the smallest of them. */
export type RegisterInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: number }
  /** Writes `value` if it holds `expected`. */
  | { readonly kind: 'swap'; readonly expected: number; readonly value: number };

/** A read's value; 1 for a write that took place and 0 for a swap that didn't. */
export type RegisterOutput = number;

/** One value that is read, written, and swapped for another. Its states are its values. */
export class RegisterModel implements Model<RegisterInput, RegisterOutput> {
  readonly initial: number;

  constructor(initial = 0) {
    this.initial = initial;
  }

  step(state: number, input: RegisterInput, output: RegisterOutput | null): number {
    switch (input.kind) {
      case 'read':
        return output === null || output === state ? state : REFUSED;
      case 'write':
        return input.value;
      case 'swap': {
        const isSwapped = input.expected === state;
        if (output !== null && (output === 1) !== isSwapped) return REFUSED;
        return isSwapped ? input.value : state;
      }
    }
  }

  isObservation(input: RegisterInput, output: RegisterOutput | null): boolean {
    return input.kind === 'read' || (input.kind === 'swap' && output === 0);
  }

  showOperation(input: RegisterInput, output: RegisterOutput | null): string {
    const answer = output === null ? '?' : input.kind === 'read' ? String(output) : showDone(output === 1);
    switch (input.kind) {
      case 'read':
        return `read → ${answer}`;
      case 'write':
        return `write ${input.value} → ${answer}`;
      case 'swap':
        return `swap ${input.expected} for ${input.value} → ${answer}`;
    }
  }

  showState(state: number): string {
    return `value ${state}`;
  }

  showAnswer(state: number, input: RegisterInput): string {
    if (input.kind === 'read') return String(state);
    return showDone(input.kind === 'write' || input.expected === state);
  }
}

function showDone(isDone: boolean): string {
  return isDone ? 'done' : 'refused';
}
