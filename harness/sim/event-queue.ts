import type { Lifetime } from './lifetime.ts';

/** Something that will happen. `kind` is what the trace and the run's hash call it. */
export interface SimEvent {
  at: number;
  /** Decides between events of the same moment; 0 for all, unless the run wants them in another order. */
  tie: number;
  seq: number;
  kind: number;
  owner: Lifetime | null;
  /** Null once it was cancelled or has happened. */
  run: (() => void) | null;
}

/** The earliest event first; of the same moment by `tie`, and then in the order they were added. A binary heap. */
export class EventQueue {
  readonly #heap: SimEvent[] = [];

  get length(): number {
    return this.#heap.length;
  }

  push(event: SimEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as SimEvent;
      if (!isBefore(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  peek(): SimEvent | undefined {
    return this.#heap[0];
  }

  pop(): SimEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    const { length } = heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(heap[below + 1] as SimEvent, heap[below] as SimEvent)) below++;
      const child = heap[below] as SimEvent;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(x: SimEvent, y: SimEvent): boolean {
  if (x.at !== y.at) return x.at < y.at;
  if (x.tie !== y.tie) return x.tie < y.tie;
  return x.seq < y.seq;
}
