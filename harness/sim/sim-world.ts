import { assert } from '../../server/base/assert.ts';
import type { Prng } from '../../server/base/prng.ts';
import { EventQueue, type SimEvent } from './event-queue.ts';
import { ProcessEnded, type Lifetime } from './lifetime.ts';

/** What an event is, for the hash and the trace. */
export const EventKind = {
  timer: 1,
  endOfTurn: 2,
  disk: 3,
  network: 4,
  closed: 5,
  drain: 6,
  dial: 7,
  client: 8,
  nemesis: 9,
} as const;

export interface WorldOptions {
  /** Draws the order of events of the same moment; null leaves them in the order they were made. */
  readonly ties: Prng | null;
  /** Moments are multiples of this, so that there are events of the same moment; 0 for no such grid. */
  readonly gridMs: number;
}

/**
 * Time, and everything that happens in it, one event after the other. Nothing else of a simulation waits, and
 * nothing of it looks at a real clock: the same options give the same events.
 */
export class SimWorld {
  /** ms since the world began. */
  nowMs = 0;
  /** Events that have happened. */
  eventCount = 0;
  /** Of everything that has happened: two runs of a seed must agree in it. */
  hash = 0x811c9dc5;
  readonly #queue = new EventQueue();
  readonly #options: WorldOptions;
  #seq = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  /** Of an event that belongs to a process: only as long as this life of it lasts. */
  after(delayMs: number, kind: number, owner: Lifetime | null, run: () => void): SimEvent {
    assert(delayMs >= 0, 'an event in the past');
    const { gridMs, ties } = this.#options;
    let at = this.nowMs + delayMs;
    if (gridMs > 0) at = Math.ceil(at / gridMs) * gridMs;
    const event: SimEvent = {
      at,
      tie: ties === null ? 0 : ties.uint32(),
      seq: this.#seq++,
      kind,
      owner,
      run,
    };
    this.#queue.push(event);
    return event;
  }

  /** Lets the next event happen. False if there is none. */
  step(): boolean {
    const event = this.#queue.pop();
    if (event === undefined) return false;
    const { run, owner } = event;
    if (run === null) return true;
    this.nowMs = event.at;
    if (owner !== null) {
      if (!owner.isAlive) return true;
      if (owner.isPaused) {
        owner.backlog.push(event);
        return true;
      }
    }
    event.run = null;
    this.eventCount++;
    this.mix(event.kind + ((owner?.hostId ?? 0) << 8));
    this.mix(event.at * 1000);
    try {
      run();
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error;
    }
    return true;
  }

  /** Everything up to `untilMs`, unless `isOver` says so before. It is asked after each event. */
  runUntil(untilMs: number, isOver: () => boolean = () => false): void {
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.at > untilMs) break;
      this.step();
      if (isOver()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** What happened belongs to the hash. */
  mix(value: number): void {
    this.hash = Math.imul(this.hash ^ (value | 0), 0x01000193);
    this.hash ^= this.hash >>> 15;
  }

  pause(lifetime: Lifetime): void {
    lifetime.isPaused = true;
  }

  /** What was due meanwhile happens now: timers first, as an event loop does it, and then what has come. */
  resume(lifetime: Lifetime): void {
    lifetime.isPaused = false;
    const backlog = lifetime.backlog.splice(0);
    for (const isTimer of [true, false]) {
      for (const event of backlog) {
        if ((event.kind === EventKind.timer) !== isTimer) continue;
        event.at = this.nowMs;
        event.tie = 0;
        event.seq = this.#seq++;
        this.#queue.push(event);
      }
    }
  }
}
