import { FindingLog } from '../checkers/finding-log.ts';
import type { CheckerResult } from '../history/verification.ts';
import { measureBeliefs, noteBelief } from './beliefs.ts';
import { fateOf } from './fate.ts';
import { checkFence, unguarded, writeFenced, writeLate } from './fence.ts';
import { Members } from './members.ts';
import { checkNumbers, numberedIn } from './numbers.ts';
import type { Participant } from './participant.ts';
import { PlaceInLine } from './place-in-line.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';
import { untilExpired } from './wait-for-expiry.ts';

/** Writes of one holder, at most. */
const WRITES_MAX = 4;
const VANISH_SHARE = 0.02;
const LEAVE_SHARE = 0.02;
/** Of the steps of who has had it, after how many it writes as if it still had, until it is refused. */
const LATE_SHARE = 0.3;

/**
 * A lock: whoever is first in a line of ephemeral sequential znodes has it until it takes its znode away, or its session
 * ends. What the lock is for is written under the number of that znode, and only as long as it is there.
 */
export const lock: Recipe = {
  name: 'lock',
  doc: 'a line for a lock in which everybody waits for the one before; what is guarded is written with a fencing token',
  participants: 5,
  rate: 30,

  async prepare(participant) {
    await participant.insist((client) => client.create(lineOf(participant)));
    await participant.insist((client) => client.create(guardOf(participant), unguarded(participant)));
  },

  join: (participant): Step => new LockUser(participant).step,

  conclude: takeOnceMore,

  check,

  measure: ({ happenings }) => measureBeliefs(happenings),
};

function lineOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/line`;
}

function guardOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/guarded`;
}

class LockUser {
  readonly #participant: Participant;
  readonly #guard: string;
  readonly #place: PlaceInLine;
  /** The place for which it believes to have the lock. */
  #held: string | null = null;
  /** One for which it has believed so; it may not know yet that it is over. */
  #former: string | null = null;
  #writesLeft = 0;

  constructor(participant: Participant) {
    this.#participant = participant;
    this.#guard = guardOf(participant);
    this.#place = new PlaceInLine(participant, lineOf(participant));
  }

  readonly step = async (): Promise<void> => {
    const participant = this.#participant;
    const draw = participant.prng.next();
    if (this.#former !== null && draw < LATE_SHARE)
      this.#former = await writeLate(participant, { place: this.#former, guard: this.#guard });
    else if (this.#held === null) await this.#tryToTake();
    else if (draw < 0.5) await participant.attempt((client) => client.getData(this.#guard));
    else if (this.#place.path !== this.#held) this.#losesIt();
    else await this.#useIt(this.#held);
  };

  async #tryToTake(): Promise<void> {
    if (!(await this.#place.isFirst())) return;
    this.#held = this.#place.path;
    if (this.#held === null) return;
    noteBelief(this.#participant, true);
    this.#writesLeft = 1 + this.#participant.prng.below(WRITES_MAX);
  }

  async #useIt(place: string): Promise<void> {
    const participant = this.#participant;
    const draw = participant.prng.next();
    if (draw < VANISH_SHARE) {
      participant.vanish();
      this.#place.forget();
      this.#losesIt();
    } else if (draw < VANISH_SHARE + LEAVE_SHARE) {
      this.#losesIt();
      await participant.leave();
      this.#place.forget();
    } else if (this.#writesLeft-- > 0) {
      const attempt = await writeFenced(participant, { place, guard: this.#guard });
      if (attempt.outcome === 'refused') {
        this.#losesIt();
        this.#place.forget();
      }
    } else {
      this.#losesIt();
      await this.#place.leave();
    }
  }

  #losesIt(): void {
    noteBelief(this.#participant, false);
    this.#former = this.#held;
    this.#held = null;
  }
}

/** The lock is nobody's any more: it can be had. Gives up when all sessions that are left must have expired. */
async function takeOnceMore(participant: Participant): Promise<void> {
  const [line, guard] = [lineOf(participant), guardOf(participant)];
  const place = new PlaceInLine(participant, line);
  await untilExpired(participant, line, async () => {
    const isFirst = await place.isFirst();
    const path = place.path;
    if (!isFirst || path === null) return false;
    return (await writeFenced(participant, { place: path, guard })).outcome === 'ok';
  });
  await place.leave();
  await participant.insist((client) => client.sync(line));
  await participant.insist((client) => client.getData(guard));
  await participant.insist((client) => client.getChildren(line));
}

/**
 * By the servers' order the lock is one's at a time, and what was written for an earlier holder is never accepted after
 * what was for a later one; places in the line last as long as their sessions, and in the end the lock can be had.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const members = new Members({ parent: lineOf({ root }), happenings, isSequential: true }, log);
  members.check();
  const numbered = numberedIn(members);
  checkNumbers(members, numbered, { happenings, log });
  checkFence({ members, numbered, guard: guardOf({ root }) }, log);
  members.checkExpired();
  const concluder = members.exchanges.at(-1)?.client;
  const isHad = members.exchanges.some((exchange) => {
    return exchange.client === concluder && exchange.op?.f === 'multi' && fateOf(exchange) === 'done';
  });
  if (!isHad) log.unknown('not had in the end', 'in the end nobody could have the lock');
  return log.result({
    name: 'lock',
    opsChecked: members.exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}
