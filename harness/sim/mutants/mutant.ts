/** A change of the compiled code: in this file, exactly one place, replaced by that. */
export interface Patch {
  /** Below `dist/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug that somebody could have written, and the properties that must be seen to break. */
export interface Mutant {
  readonly id: string;
  readonly what: string;
  readonly patches: readonly Patch[];
  readonly expects: readonly string[];
  /** How many seeds may pass before it is found. */
  readonly budget: number;
}
