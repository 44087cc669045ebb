/** A change of the compiled code: in this file, exactly one place, replaced by that. */
export interface Patch {
  /** Below `dist/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  readonly id: string;
  readonly what: string;
  readonly patches: readonly Patch[];
}

/** A bug that somebody could have written, and the properties that must be seen to break in the simulation. */
export interface SimulatedMutant extends PlantedBug {
  readonly expects: readonly string[];
  /** How many seeds may pass before it is found. */
  readonly budget: number;
}

/** One whose place the simulation does not come to, and what finds it instead. */
export interface TestedMutant extends PlantedBug {
  /** Below `dist/`. */
  readonly test: string;
  /** The test in it that must fail. */
  readonly claim: string;
}

/** One that clients of real servers must notice, when these fail one after the other. */
export interface PlayedMutant extends PlantedBug {
  /** The recipe that shows it. */
  readonly workload: string;
  /** Faults that it takes, `--faults` of `chaos`. */
  readonly faults: string;
}

export type Mutant = SimulatedMutant | TestedMutant;
