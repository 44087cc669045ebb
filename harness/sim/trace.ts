/** What a person reads to understand a run. Off, it costs the making of a line that nobody asked for. */
export class Trace {
  isOn: boolean;
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;

  constructor(isOn: boolean, nowMs: () => number, write: (line: string) => void) {
    this.isOn = isOn;
    this.#nowMs = nowMs;
    this.#write = write;
  }

  say(who: string, what: string): void {
    if (!this.isOn) return;
    this.#write(`${(this.#nowMs() / 1000).toFixed(6).padStart(12)} ${who.padEnd(10)} ${what}`);
  }
}
