import { type Model, REFUSED } from '../model.ts';
import { ListNumbers } from '../state-numbers.ts';

export type SetInput =
  { readonly kind: 'add' | 'remove' | 'has'; readonly element: number } | { readonly kind: 'list' };

/** Whether the element was new, was there to be removed, or is there; or the elements in rising order. */
export type SetOutput = boolean | readonly number[];

/** Elements that are in it or not. */
export class SetModel implements Model<SetInput, SetOutput> {
  readonly initial: number;
  /** The elements of each state, rising. */
  readonly #states = new ListNumbers();

  constructor() {
    this.initial = this.#states.numberOf([]);
  }

  step(state: number, input: SetInput, output: SetOutput | null): number {
    const elements = this.#states.listOf(state);
    if (input.kind === 'list') return output === null || isSame(output, elements) ? state : REFUSED;
    const { kind, element } = input;
    const isThere = elements.includes(element);
    if (output !== null && output !== (kind === 'add' ? !isThere : isThere)) return REFUSED;
    if (kind === 'has' || isThere === (kind === 'add')) return state;
    const others = elements.filter((each) => each !== element);
    return this.#states.numberOf(kind === 'add' ? [...others, element].sort((a, b) => a - b) : others);
  }

  isObservation(input: SetInput, output: SetOutput | null): boolean {
    return input.kind === 'list' || input.kind === 'has' || output === false;
  }

  showOperation(input: SetInput, output: SetOutput | null): string {
    const asked = input.kind === 'list' ? 'list' : `${input.kind} ${input.element}`;
    return `${asked} → ${output === null ? '?' : showOutput(output)}`;
  }

  showState(state: number): string {
    return `the elements ${showOutput(this.#states.listOf(state))}`;
  }

  showAnswer(state: number, input: SetInput): string {
    const elements = this.#states.listOf(state);
    if (input.kind === 'list') return showOutput(elements);
    return showOutput(elements.includes(input.element) !== (input.kind === 'add'));
  }
}

function isSame(output: SetOutput, elements: readonly number[]): boolean {
  if (typeof output === 'boolean' || output.length !== elements.length) return false;
  return output.every((element, at) => element === elements[at]);
}

function showOutput(output: SetOutput): string {
  if (typeof output === 'boolean') return output ? 'yes' : 'no';
  return `{${output.join(', ')}}`;
}
