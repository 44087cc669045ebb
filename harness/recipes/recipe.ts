import type { CheckerResult } from '../history/verification.ts';
import type { Happening } from '../transcript/happening.ts';
import type { Participant } from './participant.ts';

/** What one participant does, again and again. It never throws for what servers and networks do. */
export type Step = () => Promise<void>;

/** One who has something to do after its last step. */
export interface Player {
  readonly step: Step;
  /**
   * What is done when everybody has taken the last step and all is healed: one thing after the other, each begun when
   * everybody has done the one before. The session is still the one it had, and nobody has left.
   */
  readonly last: readonly Step[];
}

/** Figures of a run that people compare, by a name that ends in its unit. */
export type Figures = Readonly<Record<string, number>>;

/** What a recipe is judged by. */
export interface RecipeRun {
  /** Everything that befell the participants, in the order of time. */
  readonly happenings: readonly Happening[];
  /** Below which the recipe had its znodes. */
  readonly root: string;
}

/**
 * A use that people make of ZooKeeper, played by several participants, and what must be true of it whatever fails. Every
 * participant is one client with one session at a time; what it asks and is told is recorded on the wire, so a recipe
 * keeps no history of its own. What it believes and nobody can see there (that it holds a lock, say) it notes.
 *
 * That replies agree with what was committed is checked for all recipes alike (`judgeTranscript`). A recipe's own check
 * looks from outside, as its application would: it believes no zxid that it need not.
 */
export interface Recipe {
  readonly name: string;
  /** One line for people. */
  readonly doc: string;
  /** How many there are unless told. */
  readonly participants: number;
  /** Its own check has nothing to say: what is right only the servers' logs can tell. */
  readonly isForTheModelAlone?: true;
  /** Steps a second of each participant unless told. */
  readonly rate: number;
  /** Makes what is needed below `participant.root`, which exists and is empty. Before anything is broken. */
  prepare(participant: Participant): Promise<void>;
  /** Called once for each participant, and again for nobody. */
  join(participant: Participant): Step | Player;
  /** Reads what is left, when all is healed and all others have stopped. */
  conclude(participant: Participant): Promise<void>;
  check(run: RecipeRun): CheckerResult;
  /** What can be said beside right and wrong. */
  measure?(run: RecipeRun): Figures;
}
