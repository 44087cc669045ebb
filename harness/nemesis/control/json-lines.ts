/** Feeds chunks of bytes in, and gets the JSON objects out that stand in them, one a line. */
export class JsonLines<T> {
  readonly #onValue: (value: T) => void;
  #rest = '';

  constructor(onValue: (value: T) => void) {
    this.#onValue = onValue;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onValue(JSON.parse(line) as T);
  }
}
