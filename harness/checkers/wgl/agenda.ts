import { assert } from '../../../server/base/assert.ts';
import type { Model, Operation } from './model.ts';

/** What an operation is to the search. */
export const Class = {
  /** Changes no state, whatever state it is placed in. */
  observation: 0,
  /** Has returned, and so must be placed. */
  update: 1,
  /** Never returned: may be placed, any time after its call. */
  open: 2,
} as const;
export type Class = (typeof Class)[keyof typeof Class];

/**
 * The operations of a history that aren't placed yet, in the order of their calls and of their returns.
 *
 * Operations are known by their number in the order of calls here. Whoever is placed goes out of the lists, and comes
 * back in when it is taken back; as with all lists of this kind (dancing links), only the last one out can.
 */
export class Agenda<Input, Output> {
  /** By number. */
  readonly operations: readonly Operation<Input, Output>[];
  /** By number: its `Class`. */
  readonly classes: Uint8Array;
  /** How many words a set of operations needs that ran at one moment: one bit for each slot. */
  readonly maskWords: number;
  /** Which of the operations that run at the moment at which `first` returns are placed, by slot. */
  readonly mask: Int32Array;
  /** The operation that returned first of those that must be placed and aren't, or `end` if there is none. */
  first: number;
  /** Only operations below this were called before `first` returned, and may come next. */
  limit: number;
  /** How many `candidateFrom` has passed over. */
  skipped = 0;
  /** The number after the last operation. */
  readonly end: number;
  /** By number, as the operations have them; here they are in one place. */
  readonly #callNs: Float64Array;
  readonly #returnNs: Float64Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Those that return, in the order of their returns, and back. */
  readonly #byReturn: Int32Array;
  readonly #rank: Int32Array;
  readonly #nextReturn: Int32Array;
  readonly #previousReturn: Int32Array;
  /** By number, of those that return: how many were called until then. */
  readonly #calledBefore: Int32Array;
  /** By limit: the highest rank of those below it that return. */
  readonly #rankMax: Int32Array;
  readonly #slots: Int32Array;
  /** By number, of those that never return: the last one before that asks the same, or `end`. */
  readonly #twins: Int32Array;
  readonly #isPlaced: Uint8Array;

  constructor(operations: readonly Operation<Input, Output>[], model: Model<Input, Output>) {
    this.operations = inOrderOfCalls(operations);
    const size = operations.length;
    this.end = size;
    this.classes = new Uint8Array(size);
    this.#callNs = new Float64Array(size);
    this.#returnNs = new Float64Array(size);
    for (let number = 0; number < size; number++) {
      const operation = this.operations[number] as Operation<Input, Output>;
      this.classes[number] = classOf(operation, model);
      this.#callNs[number] = operation.callNs;
      this.#returnNs[number] = operation.returnNs;
    }
    this.#byReturn = this.#orderOfReturns();
    this.#rank = new Int32Array(size).fill(this.#byReturn.length);
    for (let rank = 0; rank < this.#byReturn.length; rank++) this.#rank[this.#byReturn[rank] ?? 0] = rank;
    this.#calledBefore = this.#countCalls();
    this.#rankMax = this.#highestRanks();

    // Behind the operations stand the heads of the three lists, one for each class.
    this.#next = new Int32Array(size + 3);
    this.#previous = new Int32Array(size + 3);
    for (const kind of Object.values(Class)) this.#linkAll(kind);
    this.#nextReturn = new Int32Array(size + 1);
    this.#previousReturn = new Int32Array(size + 1);
    this.#linkReturns();

    this.#slots = new Int32Array(size);
    const slotCount = this.#assignSlots();
    this.#twins = this.#findTwins();
    this.#isPlaced = new Uint8Array(size);
    this.maskWords = Math.max(1, Math.ceil(slotCount / 32));
    this.mask = new Int32Array(this.maskWords);
    this.first = this.end;
    this.limit = 0;
    this.#setFirst();
  }

  /** The first that isn't placed of a class; not below `end` if there is none. */
  firstOf(kind: Class): number {
    return this.#next[this.end + kind] ?? this.end;
  }

  /**
   * `number`, or the next after it in its class, that may come next; not below `end` if there is none. Updates stand in
   * the order of their returns: that is nearly the order in which a server has done them, so that of many at once the
   * right one is among the first.
   */
  candidateFrom(number: number): number {
    const rankMax = this.#rankMax[this.limit] ?? 0;
    let candidate = number;
    while (candidate < this.end && candidate >= this.limit) {
      if ((this.#rank[candidate] ?? 0) > rankMax) return this.end;
      this.skipped++;
      candidate = this.#next[candidate] ?? this.end;
    }
    return candidate;
  }

  /** The one after it in its class. It may itself have been placed meanwhile, if nothing else has been since. */
  after(number: number): number {
    return this.#next[number] ?? this.end;
  }

  /**
   * Whether an earlier operation that asks the very same isn't placed, and neither of them returns: then this one needs
   * not be tried, for that one can be placed wherever this can. Else each set of as many would be tried.
   */
  hasTwinBefore(number: number): boolean {
    const twin = this.#twins[number] ?? this.end;
    return twin !== this.end && this.#isPlaced[twin] === 0;
  }

  /** How far in the order of returns `first` is. */
  get rankOfFirst(): number {
    return this.first === this.end ? this.#byReturn.length : (this.#rank[this.first] ?? 0);
  }

  place(number: number): void {
    const next = this.#next[number] ?? 0;
    const previous = this.#previous[number] ?? 0;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#flip(number);
    this.#isPlaced[number] = 1;
    if (this.classes[number] === Class.open) return;
    const nextReturn = this.#nextReturn[number] ?? 0;
    const previousReturn = this.#previousReturn[number] ?? 0;
    this.#nextReturn[previousReturn] = nextReturn;
    this.#previousReturn[nextReturn] = previousReturn;
    if (number !== this.first) return;
    this.#setFirst();
    // Those whose return is past now are in every set from here on: their slots are for others.
    const until = this.rankOfFirst;
    for (let rank = this.#rank[number] ?? 0; rank < until; rank++) this.#flip(this.#byReturn[rank] ?? 0);
  }

  /** Undoes the last `place` that hasn't been undone, which was of `number`. */
  takeBack(number: number): void {
    this.#next[this.#previous[number] ?? 0] = number;
    this.#previous[this.#next[number] ?? 0] = number;
    this.#isPlaced[number] = 0;
    if (this.classes[number] !== Class.open) {
      const passed = this.rankOfFirst;
      this.#nextReturn[this.#previousReturn[number] ?? 0] = number;
      this.#previousReturn[this.#nextReturn[number] ?? 0] = number;
      const rank = this.#rank[number] ?? 0;
      if (rank < passed) {
        this.#setFirst();
        for (let at = rank; at < passed; at++) this.#flip(this.#byReturn[at] ?? 0);
      }
    }
    this.#flip(number);
  }

  #setFirst(): void {
    this.first = this.#nextReturn[this.end] ?? this.end;
    this.limit = this.first === this.end ? this.end : (this.#calledBefore[this.first] ?? 0);
  }

  #flip(number: number): void {
    const slot = this.#slots[number] ?? 0;
    this.mask[slot >>> 5] = (this.mask[slot >>> 5] ?? 0) ^ (1 << (slot & 31));
  }

  #orderOfReturns(): Int32Array {
    const returnNs = this.#returnNs;
    const returning: number[] = [];
    for (let number = 0; number < this.end; number++)
      if (returnNs[number] !== Infinity) returning.push(number);
    // As they are nearly in order, this takes little more than a pass.
    returning.sort((a, b) => (returnNs[a] ?? 0) - (returnNs[b] ?? 0));
    return Int32Array.from(returning);
  }

  #countCalls(): Int32Array {
    const counts = new Int32Array(this.end);
    let called = 0;
    for (const number of this.#byReturn) {
      const returnNs = this.#returnNs[number] ?? 0;
      while (called < this.end && (this.#callNs[called] ?? 0) <= returnNs) called++;
      counts[number] = called;
    }
    return counts;
  }

  #highestRanks(): Int32Array {
    const highest = new Int32Array(this.end + 1).fill(-1);
    for (let number = 0; number < this.end; number++) {
      const rank = this.#rank[number] ?? 0;
      const before = highest[number] ?? 0;
      highest[number + 1] = rank === this.#byReturn.length ? before : Math.max(before, rank);
    }
    return highest;
  }

  #linkAll(kind: Class): void {
    const head = this.end + kind;
    let last = head;
    const isByReturn = kind === Class.update;
    const count = isByReturn ? this.#byReturn.length : this.end;
    for (let at = 0; at < count; at++) {
      const number = isByReturn ? (this.#byReturn[at] ?? 0) : at;
      if (this.classes[number] !== kind) continue;
      this.#next[last] = number;
      this.#previous[number] = last;
      last = number;
    }
    this.#next[last] = head;
    this.#previous[head] = last;
  }

  #linkReturns(): void {
    let last = this.end;
    for (const number of this.#byReturn) {
      this.#nextReturn[last] = number;
      this.#previousReturn[number] = last;
      last = number;
    }
    this.#nextReturn[last] = this.end;
    this.#previousReturn[this.end] = last;
  }

  #findTwins(): Int32Array {
    const twins = new Int32Array(this.end).fill(this.end);
    const last = new Map<Input, number>();
    for (let number = 0; number < this.end; number++) {
      const operation = this.operations[number];
      if (operation === undefined || this.classes[number] !== Class.open || operation.output !== null)
        continue;
      twins[number] = last.get(operation.input) ?? this.end;
      last.set(operation.input, number);
    }
    return twins;
  }

  /** No two that ran at one moment have the same. Returns how many there are. */
  #assignSlots(): number {
    const free: number[] = [];
    let count = 0;
    let returned = 0;
    for (let number = 0; number < this.end; number++) {
      const callNs = this.#callNs[number] ?? 0;
      for (; returned < this.#byReturn.length; returned++) {
        const done = this.#byReturn[returned] ?? 0;
        if ((this.#returnNs[done] ?? 0) >= callNs) break;
        free.push(this.#slots[done] ?? 0);
      }
      this.#slots[number] = free.pop() ?? count++;
    }
    return count;
  }
}

function inOrderOfCalls<Input, Output>(
  operations: readonly Operation<Input, Output>[],
): readonly Operation<Input, Output>[] {
  let last = -Infinity;
  let isOrdered = true;
  for (const { callNs, returnNs } of operations) {
    assert(callNs <= returnNs && callNs > -Infinity, 'an operation returns after its call');
    isOrdered &&= callNs >= last;
    last = callNs;
  }
  return isOrdered ? operations : operations.toSorted((a, b) => a.callNs - b.callNs);
}

function classOf<Input, Output>(
  { input, output, returnNs }: Operation<Input, Output>,
  model: Model<Input, Output>,
): Class {
  if (returnNs === Infinity) return Class.open;
  return model.isObservation(input, output) ? Class.observation : Class.update;
}
