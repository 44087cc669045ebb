import { assert } from '../../base/assert.ts';
import type { Cancel, Clock, Timers } from '../../base/ports.ts';

/** More than any test needs between two looks: something goes round in circles. */
const EVENTS_MAX = 300_000;

interface Event {
  readonly at: number;
  /** Equal times are taken in the order in which they were asked for. */
  readonly sequence: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that passes only when a test says so, and what is to happen in it. */
export class VirtualTime implements Timers, Clock {
  nowMs = 0;
  /** Events that have happened. */
  eventCount = 0;
  readonly #heap: Event[] = [];
  #sequence = 0;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const event = {
      at: this.nowMs + Math.max(0, delayMs),
      sequence: this.#sequence++,
      run,
      isCancelled: false,
    };
    this.#push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  /** Runs what is due until `untilMs`, or until `isDone` says so; true in the latter case. */
  runUntil(untilMs: number, isDone: () => boolean = () => false): boolean {
    const eventsMax = this.eventCount + EVENTS_MAX;
    for (;;) {
      assert(this.eventCount < eventsMax, `${EVENTS_MAX} events, and time stands at ${this.nowMs} ms`);
      if (isDone()) return true;
      const next = this.#heap[0];
      if (next === undefined || next.at > untilMs) break;
      this.#pop();
      if (next.isCancelled) continue;
      this.nowMs = next.at;
      this.eventCount++;
      next.run();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
    return false;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.at < right.at || (left.at === right.at && left.sequence < right.sequence);
}
