import type { Verdict } from '../../history/verification.ts';
import { Agenda, Class } from './agenda.ts';
import { Memo, scramble } from './memo.ts';
import { type Model, type Operation, REFUSED } from './model.ts';

/** The farthest that any order gets. */
export interface FarthestOrder<Input, Output> {
  readonly placed: readonly Operation<Input, Output>[];
  /** It has returned by then and must come next, or something must that lets it. */
  readonly stuck: Operation<Input, Output>;
  /** All that might come next, `stuck` among them. None that returned fits, and what never returned is of no help. */
  readonly candidates: readonly Operation<Input, Output>[];
}

/**
 * Looks for an order of one object's operations that keeps to their intervals and that the model allows: the search
 * of Wing and Gong ("Testing and verifying concurrent objects", 1993), which never tries a configuration twice
 * (Lowe, "Testing for linearizability", 2017).
 *
 * Placed next is always one of the operations that were called before the first return of one that isn't placed; if
 * none fits, the last choice is taken back. Three things keep the number of choices down:
 * - An observation that fits is placed at once, and that is no choice: as it changes no state, whatever order there
 *   is from here on, there is one with it first.
 * - An operation that never returned need not be placed; it comes last of the candidates, and not at all where it
 *   would change nothing, nor before another that asks the same.
 * - The search ends as soon as all operations that returned are placed.
 */
export class Search<Input, Output> {
  #asked = 0;
  readonly #model: Model<Input, Output>;
  readonly #agenda: Agenda<Input, Output>;
  readonly #memo: Memo;
  /** The hash of the set of those placed: each has a number, and the set has all of these, exclusively or'ed. */
  #hash = 0;
  #state: number;
  readonly #stack: Int32Array;
  /** Below each placed operation, the state before it. */
  readonly #states: Int32Array;
  #depth = 0;
  /** The next choice to try, and the class it is of. */
  #cursor = 0;
  #class: Class = Class.update;
  #isSettled = false;
  #verdict: Verdict | null = null;
  /** How many on the stack never returned. */
  #openCount = 0;
  readonly #farthest: Int32Array;
  #farthestDepth = 0;
  /** How many of it have returned. */
  #farthestReturned = -1;
  #farthestRank = -1;
  /** Up to here `#farthest` is still what the stack is. */
  #sameUpTo = 0;

  constructor(operations: readonly Operation<Input, Output>[], model: Model<Input, Output>) {
    this.#model = model;
    this.#agenda = new Agenda(operations, model);
    this.#memo = new Memo(this.#agenda.maskWords);
    this.#state = model.initial;
    this.#stack = new Int32Array(operations.length);
    this.#states = new Int32Array(operations.length);
    this.#farthest = new Int32Array(operations.length);
  }

  /** How many operations it has looked at: asked the model about, or passed over. */
  get steps(): number {
    return this.#asked + this.#agenda.skipped;
  }

  /** What it needs for what it has met; the rest is a few dozen bytes an operation. */
  get memoBytes(): number {
    return this.#memo.bytes;
  }

  /** Goes on for about `steps` more steps: a little more, by what may run at one moment. Null while undecided. */
  advance(steps: number): Verdict | null {
    const agenda = this.#agenda;
    const end = this.steps + steps;
    while (this.#verdict === null && this.steps < end) {
      if (!this.#isSettled) this.#settle();
      if (agenda.first === agenda.end) this.#verdict = 'valid';
      else if (!this.#choose(end) && this.steps < end && !this.#takeBack()) this.#verdict = 'invalid';
    }
    return this.#verdict;
  }

  /** Of a search that has found no order. */
  farthestOrder(): FarthestOrder<Input, Output> {
    const { operations, end } = this.#agenda;
    const numbers = this.#farthest.subarray(0, this.#farthestDepth);
    const agenda = new Agenda(operations, this.#model);
    for (const number of numbers) agenda.place(number);
    const isPlaced = new Set(numbers);
    const candidates = operations.filter((_, number) => number < agenda.limit && !isPlaced.has(number));
    const stuck = operations[agenda.first];
    if (this.#verdict !== 'invalid' || agenda.first === end || stuck === undefined) {
      throw new Error('only a search that has found no order got stuck');
    }
    return { placed: [...numbers].flatMap((number) => operations[number] ?? []), stuck, candidates };
  }

  /** Places every observation that fits; what didn't fit before one of them doesn't fit after it. */
  #settle(): void {
    const agenda = this.#agenda;
    let number = agenda.firstOf(Class.observation);
    while (number < agenda.limit) {
      if (this.#step(number) !== REFUSED) this.#place(number, this.#state);
      number = agenda.after(number);
    }
    this.#class = Class.update;
    this.#cursor = agenda.firstOf(Class.update);
    this.#isSettled = true;
  }

  /** Places the next choice that fits and leads to where the search hasn't been; false if there is none. */
  #choose(end: number): boolean {
    const agenda = this.#agenda;
    while (this.steps < end) {
      const number = agenda.candidateFrom(this.#cursor);
      if (number >= agenda.end) {
        if (this.#class === Class.open) return false;
        this.#class = Class.open;
        this.#cursor = agenda.firstOf(Class.open);
        continue;
      }
      if (this.#class === Class.open && agenda.hasTwinBefore(number)) {
        this.#cursor = agenda.after(number);
        continue;
      }
      const state = this.#step(number);
      const isChange = state !== REFUSED && (this.#class === Class.update || state !== this.#state);
      if (isChange) {
        this.#place(number, state);
        if (this.#memo.add(this.#hash ^ Math.imul(state, 0x9e3779b1), agenda.first, state, agenda.mask)) {
          this.#isSettled = false;
          return true;
        }
        this.#unplace();
      }
      this.#cursor = agenda.after(number);
    }
    return false;
  }

  /** Back to the last choice, to go on with the one after it; false if there was none. */
  #takeBack(): boolean {
    this.#keepFarthest();
    while (this.#depth > 0) {
      const number = this.#unplace();
      const kind = this.#agenda.classes[number] as Class;
      if (kind === Class.observation) continue;
      this.#class = kind;
      this.#cursor = this.#agenda.after(number);
      return true;
    }
    return false;
  }

  #step(number: number): number {
    this.#asked++;
    const operation = this.#agenda.operations[number] as Operation<Input, Output>;
    return this.#model.step(this.#state, operation.input, operation.output);
  }

  #place(number: number, state: number): void {
    this.#agenda.place(number);
    if (this.#agenda.classes[number] === Class.open) this.#openCount++;
    this.#hash ^= scramble(number + 1);
    this.#stack[this.#depth] = number;
    this.#states[this.#depth] = this.#state;
    this.#depth++;
    this.#state = state;
  }

  #unplace(): number {
    this.#depth--;
    const number = this.#stack[this.#depth] ?? 0;
    this.#state = this.#states[this.#depth] ?? 0;
    this.#hash ^= scramble(number + 1);
    this.#agenda.takeBack(number);
    if (this.#agenda.classes[number] === Class.open) this.#openCount--;
    if (this.#depth < this.#sameUpTo) this.#sameUpTo = this.#depth;
    return number;
  }

  /**
   * Far is first of all far in time, then with much that has returned, then with little that never did: what is of no
   * help is not to be in it. Only what differs from the last one kept is copied.
   */
  #keepFarthest(): void {
    const rank = this.#agenda.rankOfFirst;
    if (rank < this.#farthestRank) return;
    const returned = this.#depth - this.#openCount;
    if (rank === this.#farthestRank) {
      if (returned < this.#farthestReturned) return;
      if (returned === this.#farthestReturned && this.#depth >= this.#farthestDepth) return;
    }
    this.#farthest.set(this.#stack.subarray(this.#sameUpTo, this.#depth), this.#sameUpTo);
    this.#farthestRank = rank;
    this.#farthestReturned = returned;
    this.#farthestDepth = this.#depth;
    this.#sameUpTo = this.#depth;
  }
}
