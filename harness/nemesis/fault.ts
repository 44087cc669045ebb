import type { z } from 'zod';
import type { Prng } from '../../server/base/prng.ts';
import type { Field, ProcessField } from './field.ts';

/** What its victims are while a fault lasts; reports draw it by that. `disturbed`: they run on, or may. */
export type FaultEffect = 'killed' | 'paused' | 'replaced' | 'disturbed';

/** What a fault needs before a run with it can begin. */
export interface FaultNeeds {
  /** On fewer servers it can't be. */
  readonly serversMin: number;
  /** It acts inside of the servers' processes, by modules that are loaded into them: see `control`. */
  readonly preload?: boolean;
  /** It acts on its servers' files, or goes by what only the configuration says that was written here. */
  readonly files?: boolean;
  /** It acts on the ways between servers, which have to lead through proxies. */
  readonly network?: boolean;
  /** Lines of zoo.cfg without which it can't be. They are added where the fault is asked for. */
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * What a fault takes from the ensemble while it lasts. Plans are drawn within limits on it (`plan/fault-atlas.ts`).
 *
 * - `nothing`: every server serves on, or only slower.
 * - `servers`: its victims are away, with all they have.
 * - `disks`: its victims have lost, or may have lost, what was durable on them, until they are brought up to date.
 */
export type FaultToll = 'nothing' | 'servers' | 'disks';

/** What parameters may be drawn from. */
export interface FaultShape {
  /** Ids of those with a vote. */
  readonly voters: readonly number[];
  /** There may be more than is planned: a victim is hit once more before it is back. */
  readonly mayHitAgain: boolean;
}

/** Plain JSON, so that a plan can be written down. */
export type FaultParams = Readonly<Record<string, string | number | boolean | null>>;

/** Something that is broken and healed again while a load runs. */
export type Fault = OutsideFault | InsideFault;

/** By signals, or on the ways to its servers: whatever runs them. */
export interface OutsideFault extends AnyFault {
  readonly needs: FaultNeeds & { readonly preload?: never; readonly files?: never };
  /** Chooses whom it will hit, and hits nobody yet. Null: there is nobody to hit now. */
  readonly aim: (field: Field, params: FaultParams) => Promise<Aim | null>;
}

/** In its servers' processes, or on their files: they have to be child processes. */
export interface InsideFault extends AnyFault {
  readonly needs: FaultNeeds & ({ readonly preload: true } | { readonly files: true });
  /** As of `OutsideFault`. */
  readonly aim: (field: ProcessField, params: FaultParams) => Promise<Aim | null>;
}

interface AnyFault {
  readonly name: string;
  /** For `--help`, one line. */
  readonly doc: string;
  readonly effect: FaultEffect;
  readonly toll: FaultToll;
  /** At most one fault of these at a time: they would spoil each other's proofs. */
  readonly exclusive?: 'clock' | 'members';
  /** Of so many with a vote at most so many are its victims. */
  victimsMax(voters: number, params: FaultParams): number;
  /** How long it lasts where nobody says, in ms: drawn evenly in between. */
  readonly lasts: { readonly minMs: number; readonly maxMs: number };
  /** What its parameters may be; every one of them can be left out. */
  readonly params: z.ZodType<FaultParams, object>;
  draw(prng: Prng, shape: FaultShape): FaultParams;
}

/**
 * A fault that knows whom it hits. Its methods are called in the order they stand here; `heal` is called in any case,
 * also where `inject` has failed half-way or was never called.
 */
export interface Aim {
  /** None where it is about no server in particular. */
  readonly serverIds: readonly number[];
  /** For people: `leader killed (server 3)`. */
  readonly label: string;
  /** All victims at the same time. Resolves when they are hit. */
  inject(): Promise<void>;
  /**
   * Evidence, in words and with numbers, that it is as the fault says: `process 1234 is in state T`.
   * @throws NoEffectError where there is none.
   */
  proveActive(): Promise<string>;
  /**
   * Takes everything back; what is called again does no harm. An aborted `signal`: the run is over, so that nobody has to serve again; what would
   * outlive it (a stopped process, a full disk) is taken back all the same.
   * @throws EnsembleError if a server does not come up.
   */
  heal(signal: AbortSignal): Promise<void>;
  /** @throws NoEffectError where it still is as the fault says, or nothing shows that it is not. */
  proveHealed(): Promise<string>;
}

/** One round of a fault, filled in as it goes on. In ms on the run's clock; null: it did not come to that. */
export interface FaultRound {
  /** The fault's name: rounds of one name are summed up together. */
  fault: string;
  /** The same as a plan would say it. */
  readonly step: { readonly fault: string; readonly params: FaultParams };
  readonly effect: FaultEffect;
  /** For people: `leader killed (server 3)`. */
  label: string;
  readonly serverIds: readonly number[];
  readonly injectedAtMs: number;
  /** What showed that it took effect, and that it was healed. */
  readonly evidence: string[];
  /** Why nothing shows that it took effect: the run's verdict is `unknown`. */
  noEffect: string | null;
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
