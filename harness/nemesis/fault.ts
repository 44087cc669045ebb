import type { Prng } from '../../server/base/prng.ts';
import type { Ensemble, EnsembleServer, Roles } from '../ensemble/ensemble.ts';

/** What a fault may know when it chooses whom it hits: the ensemble is whole, with a leader. */
export interface Prospect {
  readonly servers: readonly EnsembleServer[];
  readonly roles: Roles;
  readonly prng: Prng;
}

/** Something that is broken and mended again while a load runs. */
export interface Fault {
  readonly name: string;
  /** For `--help`. */
  readonly doc: string;
  /** On fewer servers it can't be. */
  readonly serversMin: number;
  /** What its victims are then. */
  readonly effect: 'killed' | 'paused' | 'replaced';
  /** Ids; none if there is nobody to hit now. */
  victims(prospect: Prospect): readonly number[];
  /** What a round of it is called; `leader killed (server 3)` and the like unless told. */
  readonly label?: string;
  /** All victims at the same time. Resolves when they are hit. */
  inject(ensemble: Ensemble, victims: readonly number[]): Promise<void>;
  /** Starts the victims again, or lets them go on. @throws EnsembleError if they do not come up. */
  mend(ensemble: Ensemble, victims: readonly number[], how: Mending): Promise<void>;
}

export interface Mending {
  readonly prng: Prng;
  /** One of several rounds: a victim may be hit once more before it is back. */
  readonly mayHitAgain: boolean;
  readonly signal: AbortSignal;
}

/** One round of a fault, filled in as it goes on. In ms on the run's clock; null: it did not come to that. */
export interface FaultRound {
  /** The fault's name: rounds of one name are summed up together. */
  fault: string;
  readonly effect: Fault['effect'];
  /** For people: `leader killed (server 3)`. */
  label: string;
  readonly serverIds: readonly number[];
  readonly injectedAtMs: number;
  /** A new leader was seen, which one. Null also where the old one was not hit. */
  electedAtMs: number | null;
  leaderId: number | null;
  /** There was a leader, and after that a write was acknowledged. */
  servedAtMs: number | null;
  /** The victims were started again, or let go on; of a server on its own, when it served. */
  mendedAtMs: number | null;
  /** All servers served again. Null of a server on its own. */
  rejoinedAtMs: number | null;
}
