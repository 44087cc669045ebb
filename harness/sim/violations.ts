/** A property of reliability §5 that does not hold, the first of its run. */
export interface Violation {
  /** `P7`, `C4`, … or `crash` for an assertion of the server's own. */
  readonly property: string;
  readonly message: string;
  readonly atMs: number;
  readonly eventCount: number;
}

/** Takes what the checkers find. The first one ends the run: what comes after it follows from it. */
export class Violations {
  first: Violation | null = null;
  readonly #now: () => { readonly nowMs: number; readonly eventCount: number };

  constructor(now: () => { readonly nowMs: number; readonly eventCount: number }) {
    this.#now = now;
  }

  report(property: string, message: string): void {
    if (this.first !== null) return;
    const { nowMs, eventCount } = this.#now();
    this.first = { property, message, atMs: nowMs, eventCount };
  }
}
