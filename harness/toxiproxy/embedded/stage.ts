import { RingQueue } from '../../../server/base/ring-queue.ts';
import type { Prng } from '../../../server/base/prng.ts';
import { type Appointment, type Clock, REAL_CLOCK } from './clock.ts';
import type { Toxic } from './toxic.ts';
import { passThrough } from './toxics/noop.ts';
import type { Behaviour, Chunk, Flow, StreamEnd } from './toxics/toxic-type.ts';

/** What a stage hands its chunks to: the next stage, or what writes to the socket. */
export interface Sink {
  /** Whoever has more must wait. A sink takes what comes nevertheless, so nobody has to keep a part of a chunk. */
  readonly isFull: boolean;
  push(chunk: Chunk): void;
  end(end: StreamEnd): void;
}

const GRAVITY: Readonly<Record<StreamEnd, number>> = { eof: 0, close: 1, reset: 2 };

/** Of two ends the one that leaves less. */
export function graverEnd(one: StreamEnd | null, other: StreamEnd): StreamEnd {
  return one !== null && GRAVITY[one] > GRAVITY[other] ? one : other;
}

/**
 * The place of one toxic in one direction of one connection: chunks wait here for their turn with it.
 *
 * At most `waitingMax` chunks wait, and one more is in the toxic's hands. Whoever sends looks at `isFull` first, and
 * is told by `onSpace` when to go on; only what a stage has in hand already may come in addition.
 */
export class Stage implements Sink {
  readonly toxic: Toxic;
  next: Sink;
  /** There is space again. May be called more often than that. */
  onSpace: () => void = () => {};
  /** Below the toxicity, the toxic is in effect. Drawn once, so that a greater toxicity only ever adds connections. */
  readonly #coin: number;
  readonly #clock: Clock;
  readonly #behaviour: Behaviour;
  readonly #noop: Behaviour;
  readonly #waiting = new RingQueue<Chunk>();
  readonly #waitingMax: number;
  #isActive = false;
  /** It waits or holds. */
  #isBusy = false;
  #isPumping = false;
  #pendingEnd: StreamEnd | null = null;
  #hasEnded = false;
  #isDetached = false;
  /** What the toxic waited for, when it is time. */
  #due: (() => void) | null = null;
  #appointment: Appointment | null = null;
  #alarm: Appointment | null = null;

  /** `random` is for this stage alone. Nothing happens before `begin`. */
  constructor(toxic: Toxic, next: Sink, random: Prng, clock: Clock = REAL_CLOCK) {
    this.toxic = toxic;
    this.#clock = clock;
    this.next = next;
    this.#coin = random.next();
    this.#waitingMax = toxic.type.waitingMax ?? 1;
    const flow = this.#flow(random);
    this.#behaviour = toxic.type.start(toxic.attributes, flow);
    this.#noop = passThrough(flow);
  }

  get isFull(): boolean {
    return this.#hasEnded || this.#waiting.length >= this.#waitingMax;
  }

  push(chunk: Chunk): void {
    if (this.#hasEnded) return;
    this.#waiting.push(chunk);
    this.pump();
  }

  /** After the last chunk; again, when it turns out to be worse than it was said to be. */
  end(end: StreamEnd): void {
    if (this.#hasEnded) {
      this.next.end(end);
      return;
    }
    this.#pendingEnd = graverEnd(this.#pendingEnd, end);
    this.pump();
  }

  /** The toxic takes effect, where the coin is for it: at first, and whenever it has been changed. */
  begin(): void {
    if (this.#behaviour.isCommitted === true) return;
    this.#interrupt();
    this.#isActive = this.#coin < this.toxic.toxicity;
    if (this.#isActive) this.#behaviour.begin?.();
    this.pump();
  }

  /**
   * The toxic is gone: everything that is here goes on at once, in order.
   *
   * @returns false where it cannot go any more, because the stream is about to end here or has done so.
   */
  detach(): boolean {
    if (this.#hasEnded || this.#behaviour.isCommitted === true) return false;
    this.#interrupt();
    if (this.toxic.type.endsOnRemoval === true) {
      this.#finish('close');
      return false;
    }
    this.#isDetached = true;
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      this.next.push(chunk);
    }
    if (this.#pendingEnd !== null) this.next.end(this.#pendingEnd);
    return true;
  }

  /** The connection is gone, and nothing here matters any more. */
  discard(): void {
    this.#hasEnded = true;
    this.#cancelTimers();
    this.#waiting.clear();
  }

  /** Gives the toxic what it has time and space for. */
  pump(): void {
    if (this.#isPumping || this.#isDetached) return;
    this.#isPumping = true;
    const before = this.#waiting.length;
    while (this.#step());
    this.#isPumping = false;
    if (this.#waiting.length < before && !this.isFull) this.onSpace();
  }

  /** @returns whether there may be more to do. */
  #step(): boolean {
    if (this.#hasEnded) return false;
    const due = this.#due;
    if (due !== null) {
      this.#due = null;
      this.#isBusy = false;
      due();
      return true;
    }
    if (this.#isBusy) return false;
    const behaviour = this.#isActive ? this.#behaviour : this.#noop;
    if (this.#waiting.length > 0) {
      if (this.next.isFull) return false;
      behaviour.onChunk(this.#waiting.shift() as Chunk);
      return true;
    }
    if (this.#pendingEnd === null) return false;
    if (behaviour.onEnd === undefined) this.#finish(this.#pendingEnd);
    else behaviour.onEnd(this.#pendingEnd);
    // It has brought about the end, or waits for it to come; that may be now.
    return this.#due !== null;
  }

  #flow(random: Prng): Flow {
    return {
      random,
      nowMs: () => this.#clock.nowMs(),
      pass: (chunk) => {
        if (!this.#hasEnded) this.next.push(chunk);
      },
      end: (end) => this.#finish(end),
      hold: () => {
        this.#isBusy = true;
      },
      wait: (untilMs, then) => {
        this.#isBusy = true;
        if (untilMs <= this.#clock.nowMs()) this.#due = then;
        else this.#appointment = this.#clock.callAt(untilMs, () => this.#onAppointment(then));
      },
      alarm: (afterMs, then) => {
        this.#alarm?.cancel();
        this.#alarm = this.#clock.callAt(this.#clock.nowMs() + afterMs, then);
      },
    };
  }

  #onAppointment(then: () => void): void {
    this.#appointment = null;
    this.#due = then;
    this.pump();
  }

  #interrupt(): void {
    this.#cancelTimers();
    this.#isBusy = false;
    // What is released may make the next stage ask for more: not before we are done here.
    this.#isPumping = true;
    this.#behaviour.release?.();
    this.#isPumping = false;
  }

  #cancelTimers(): void {
    this.#appointment?.cancel();
    this.#appointment = null;
    this.#alarm?.cancel();
    this.#alarm = null;
    this.#due = null;
  }

  #finish(end: StreamEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelTimers();
    this.#waiting.clear();
    this.next.end(graverEnd(this.#pendingEnd, end));
  }
}
