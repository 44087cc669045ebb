import { FindingLog } from '../checkers/finding-log.ts';
import type { CheckerResult } from '../history/verification.ts';
import { Members } from './members.ts';
import type { Participant } from './participant.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';

/** With more than these, members are rather removed than added. */
const MEMBERS_USUAL = 50;

/** A set of names that many add to, remove from and list: topics, jobs, tables. */
export const set: Recipe = {
  name: 'set',
  doc: 'znodes that are added below one parent, removed and listed',
  participants: 6,
  rate: 30,

  async prepare(participant) {
    await participant.insist((client) => client.create(parentOf(participant)));
  },

  join: (participant): Step => {
    const { prng } = participant;
    const parent = parentOf(participant);
    let known: readonly string[] = [];
    const list = async (): Promise<void> => {
      const attempt = await participant.attempt((client) => client.getChildren(parent));
      if (attempt.outcome === 'ok') known = attempt.value.children;
    };
    return async () => {
      const draw = prng.next();
      if (draw < 0.6) {
        const isFull = prng.below(2 * MEMBERS_USUAL) < known.length;
        const name = isFull ? known[prng.below(known.length)] : undefined;
        if (name === undefined) {
          const added = participant.unique().toString();
          await participant.attempt((client) => client.create(`${parent}/${added}`));
        } else {
          await participant.attempt((client) => client.delete(`${parent}/${name}`));
        }
        return;
      }
      if (draw < 0.8) await participant.attempt((client) => client.sync(parent));
      await list();
    };
  },

  async conclude(participant) {
    const parent = parentOf(participant);
    await participant.insist((client) => client.sync(parent));
    await participant.insist((client) => client.getChildren(parent));
  },

  check,
};

function parentOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/set`;
}

/**
 * Whoever was added is listed until it is removed, in the end and after each sync; what was not is never listed; each is
 * removed once; and no session sees one come back. What nobody was told of may have been done or not.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const members = new Members({ parent: parentOf({ root }), happenings, isSequential: false }, log);
  members.check();
  members.lastList();
  return log.result({
    name: 'set',
    opsChecked: members.exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}
