/**
 * A queue in one array that is used round and round; it doubles when it is full and never shrinks. `shift` of
 * an ordinary array moves every element behind it, which a queue of thousands of requests can't afford.
 */
export class RingQueue<T> {
  #slots: (T | undefined)[];
  #mask: number;
  #head = 0;
  #length = 0;

  /** `capacity` at the start, a power of two. */
  constructor(capacity = 16) {
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
  }

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & this.#mask] = item;
    this.#length++;
  }

  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    return item;
  }

  /** Takes back what was pushed last. */
  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    this.#length--;
    const at = (this.#head + this.#length) & this.#mask;
    const item = this.#slots[at];
    this.#slots[at] = undefined;
    return item;
  }

  clear(): void {
    while (this.#length > 0) this.pop();
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#length; i++) yield this.#slots[(this.#head + i) & this.#mask] as T;
  }

  #grow(): void {
    const items = [...this];
    const capacity = this.#slots.length * 2;
    this.#slots = items;
    this.#slots.length = capacity;
    this.#slots.fill(undefined, items.length);
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}
