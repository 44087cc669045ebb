import type { SimulationResult } from './simulation.ts';

export interface SeedRequest {
  readonly seed: number;
  /** Run it twice, and compare. */
  readonly isTwice: boolean;
}

export interface SeedMessage {
  readonly result: Omit<SimulationResult, 'marks'> & {
    readonly marks: readonly (readonly [string, number])[];
  };
  readonly isDeterministic: boolean;
  /** The process should be replaced before it runs another one. */
  readonly isWornOut: boolean;
}
