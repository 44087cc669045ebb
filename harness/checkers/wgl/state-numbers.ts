import { scramble } from './memo.ts';

const CELLS_MIN = 16;
const NO_PAIR = -1;

/** Numbers pairs of integers (int32) from 0 up, in the order in which they are first met. */
export class PairNumbers {
  #first = new Int32Array(CELLS_MIN / 2);
  #second = new Int32Array(CELLS_MIN / 2);
  #size = 0;
  /** Open addressing, at most half full; a power of two. */
  #cells = new Int32Array(CELLS_MIN).fill(NO_PAIR);

  numberOf(first: number, second: number): number {
    const cellMask = this.#cells.length - 1;
    let cell = hashOf(first, second) & cellMask;
    for (;;) {
      const pair = this.#cells[cell] ?? NO_PAIR;
      if (pair === NO_PAIR) break;
      if (this.#first[pair] === first && this.#second[pair] === second) return pair;
      cell = (cell + 1) & cellMask;
    }
    if ((this.#size + 1) * 2 > this.#cells.length) {
      this.#grow();
      cell = this.#freeCell(first, second);
    }
    this.#cells[cell] = this.#size;
    this.#first[this.#size] = first;
    this.#second[this.#size] = second;
    return this.#size++;
  }

  firstOf(number: number): number {
    return this.#first[number] ?? 0;
  }

  secondOf(number: number): number {
    return this.#second[number] ?? 0;
  }

  #grow(): void {
    this.#cells = new Int32Array(this.#cells.length * 2).fill(NO_PAIR);
    const [first, second] = [this.#first, this.#second];
    this.#first = new Int32Array(this.#cells.length / 2);
    this.#second = new Int32Array(this.#cells.length / 2);
    this.#first.set(first);
    this.#second.set(second);
    for (let pair = 0; pair < this.#size; pair++) {
      this.#cells[this.#freeCell(this.#first[pair] ?? 0, this.#second[pair] ?? 0)] = pair;
    }
  }

  #freeCell(first: number, second: number): number {
    const cellMask = this.#cells.length - 1;
    let cell = hashOf(first, second) & cellMask;
    while (this.#cells[cell] !== NO_PAIR) cell = (cell + 1) & cellMask;
    return cell;
  }
}

function hashOf(first: number, second: number): number {
  return scramble(first ^ Math.imul(second, 0x9e3779b1));
}

/** Numbers lists of numbers from 0 up, in the order in which they are first met. As slow as the lists are long. */
export class ListNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #lists: (readonly number[])[] = [];

  numberOf(list: readonly number[]): number {
    const text = list.join(' ');
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#lists.length;
    this.#numbers.set(text, number);
    this.#lists.push(list);
    return number;
  }

  listOf(number: number): readonly number[] {
    return this.#lists[number] ?? [];
  }
}
