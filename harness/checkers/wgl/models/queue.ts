import { type Model, REFUSED } from '../model.ts';
import { ListNumbers } from '../state-numbers.ts';

export type QueueInput = { readonly kind: 'enqueue'; readonly item: number } | { readonly kind: 'dequeue' };

/** What was dequeued, or EMPTY; of an enqueue, anything. */
export type QueueOutput = number;

export const EMPTY = -1;

/** First in, first out. */
export class QueueModel implements Model<QueueInput, QueueOutput> {
  readonly initial: number;
  /** The items of each state, the first in first. */
  readonly #states = new ListNumbers();

  constructor() {
    this.initial = this.#states.numberOf([]);
  }

  step(state: number, input: QueueInput, output: QueueOutput | null): number {
    const items = this.#states.listOf(state);
    if (input.kind === 'enqueue') return this.#states.numberOf([...items, input.item]);
    if (output !== null && output !== (items[0] ?? EMPTY)) return REFUSED;
    return items.length === 0 ? state : this.#states.numberOf(items.slice(1));
  }

  isObservation(input: QueueInput, output: QueueOutput | null): boolean {
    return input.kind === 'dequeue' && output === EMPTY;
  }

  showOperation(input: QueueInput, output: QueueOutput | null): string {
    if (input.kind === 'enqueue') return `enqueue ${input.item}${output === null ? ' → ?' : ''}`;
    return `dequeue → ${output === null ? '?' : showItem(output)}`;
  }

  showState(state: number): string {
    return `the items [${this.#states.listOf(state).join(', ')}]`;
  }

  showAnswer(state: number, input: QueueInput): string {
    return input.kind === 'enqueue' ? 'done' : showItem(this.#states.listOf(state)[0] ?? EMPTY);
  }
}

function showItem(item: number): string {
  return item === EMPTY ? 'nothing' : String(item);
}
