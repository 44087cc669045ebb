import { type Model, REFUSED } from '../model.ts';

export type CounterInput = { readonly kind: 'read' } | { readonly kind: 'add'; readonly amount: number };

/** The count: read, or after the addition. */
export type CounterOutput = number;

/** A number that is read and added to, and that stays an int32. Its states are its counts. */
export class CounterModel implements Model<CounterInput, CounterOutput> {
  readonly initial = 0;

  step(state: number, input: CounterInput, output: CounterOutput | null): number {
    const count = input.kind === 'add' ? state + input.amount : state;
    return output === null || output === count ? count : REFUSED;
  }

  isObservation(input: CounterInput): boolean {
    return input.kind === 'read' || input.amount === 0;
  }

  showOperation(input: CounterInput, output: CounterOutput | null): string {
    const asked = input.kind === 'add' ? `add ${input.amount}` : 'read';
    return `${asked} → ${output ?? '?'}`;
  }

  showState(state: number): string {
    return `count ${state}`;
  }

  showAnswer(state: number, input: CounterInput): string {
    return String(input.kind === 'add' ? state + input.amount : state);
  }
}
