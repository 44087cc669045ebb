/** An answer of so many pieces, each as long as that and unlike the others, and how many of them were made. */
export class LongAnswer {
  made = 0;
  readonly #count: number;
  readonly #pieceBytes: number;

  constructor(count: number, pieceBytes: number) {
    this.#count = count;
    this.#pieceBytes = pieceBytes;
  }

  *pieces(): Generator<Uint8Array> {
    for (let i = 0; i < this.#count; i++) {
      this.made++;
      yield this.#piece(i);
    }
  }

  /** All of it at once. */
  whole(): Uint8Array {
    const whole = new Uint8Array(this.#count * this.#pieceBytes);
    for (let i = 0; i < this.#count; i++) whole.set(this.#piece(i), i * this.#pieceBytes);
    return whole;
  }

  #piece(index: number): Uint8Array {
    return new Uint8Array(this.#pieceBytes).fill(index % 251);
  }
}
