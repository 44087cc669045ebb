/** Of an answer, characters: what takes a few ms to write, and far more than anybody reads. */
export const WORD_TEXT_MAX: number = 4 << 20;

const END = `(cut here: an answer has at most ${WORD_TEXT_MAX} characters)\n`;

/**
 * The answer to a four-letter word that lists what clients have made, of which there can be any number: nobody else is
 * served while it is written. Below the limit it is Apache's to the letter.
 */
export class WordText {
  #text = '';
  #isCut = false;

  /** False once there is no room: who lists something stops then. */
  add(text: string): boolean {
    if (this.#isCut) return false;
    if (this.#text.length + text.length > WORD_TEXT_MAX) {
      this.#text += END;
      this.#isCut = true;
      return false;
    }
    this.#text += text;
    return true;
  }

  /** Adds each line while there is room. */
  addAll(lines: Iterable<string>): void {
    for (const line of lines) if (!this.add(line)) return;
  }

  toString(): string {
    return this.#text;
  }
}
