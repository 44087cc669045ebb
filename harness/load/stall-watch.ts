/** Notices that nothing has moved for a while. */
export class StallWatch {
  readonly #limitMs: number;
  #movedMs = performance.now();
  #timer: NodeJS.Timeout | null = null;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  moved(): void {
    this.#movedMs = performance.now();
  }

  /** Resolves once nothing has moved for the time of the limit; not at all after `end`. */
  stalled(): Promise<void> {
    this.moved();
    return new Promise((resolve) => this.#look(resolve));
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #look(onStalled: () => void): void {
    const leftMs = this.#movedMs + this.#limitMs - performance.now();
    if (leftMs <= 0) onStalled();
    else this.#timer = setTimeout(() => this.#look(onStalled), leftMs);
  }
}
