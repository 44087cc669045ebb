import { FindingLog } from '../checkers/finding-log.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import type { CheckerResult } from '../history/verification.ts';
import { Members } from './members.ts';
import { checkNumbers, numberedIn } from './numbers.ts';
import type { Participant } from './participant.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';

const PARENTS = 3;
/** Numbers that somebody asks for together, at most. */
const BURST_MAX = 4;
const LEAVE_SHARE = 0.01;
const VANISH_SHARE = 0.01;

/** Numbers that nobody else has and that only grow: sequential znodes, of which many are deleted again at once. */
export const sequentialIds: Recipe = {
  name: 'sequential-ids',
  doc: 'sequential znodes that are made, several at a time, and deleted, the last ones first',
  participants: 6,
  rate: 30,

  async prepare(participant) {
    for (const parent of parentsOf(participant)) await participant.insist((client) => client.create(parent));
  },

  join: (participant): Step => {
    const { prng } = participant;
    const parents = parentsOf(participant);
    const mine = new Map<string, string[]>(parents.map((parent) => [parent, []]));
    return async () => {
      const draw = prng.next();
      const parent = parents[prng.below(PARENTS)] as string;
      const paths = mine.get(parent) as string[];
      if (draw < LEAVE_SHARE) await participant.leave();
      else if (draw < LEAVE_SHARE + VANISH_SHARE) participant.vanish();
      else if (draw < 0.5) paths.push(...(await makeSome(participant, parent)));
      else if (draw < 0.6) await participant.attempt((client) => client.getChildren(parent));
      else await deleteOne(participant, paths);
    };
  },

  async conclude(participant) {
    for (const parent of parentsOf(participant)) {
      await participant.insist((client) => client.sync(parent));
      await participant.insist((client) => client.getChildren(parent));
    }
  },

  check,
};

function parentsOf({ root }: Pick<Participant, 'root'>): string[] {
  return Array.from({ length: PARENTS }, (_, i) => `${root}/ids-${i}`);
}

/** @returns the paths of those of which it was told. */
async function makeSome(participant: Participant, parent: string): Promise<string[]> {
  const { prng } = participant;
  const attempts = Array.from({ length: 1 + prng.below(BURST_MAX) }, () => {
    const path = `${parent}/${participant.unique().toString()}-`;
    const flags = prng.next() < 0.3 ? CreateMode.ephemeralSequential : CreateMode.persistentSequential;
    return participant.attempt((client) => client.create(path, null, { flags }));
  });
  const made = await Promise.all(attempts);
  return made.flatMap((attempt) => (attempt.outcome === 'ok' ? [attempt.value.path] : []));
}

/** Mostly the newest: its number must not be given again. */
async function deleteOne(participant: Participant, paths: string[]): Promise<void> {
  const at = participant.prng.next() < 0.7 ? paths.length - 1 : participant.prng.below(paths.length);
  const [path] = paths.splice(at, 1);
  if (path !== undefined) await participant.attempt((client) => client.delete(path));
}

/**
 * Below one parent each number is given once, and a later create has a greater one, whether those before it are still
 * there or not; and what was made is there until somebody deletes it or its session ends.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  let opsChecked = 0;
  for (const parent of parentsOf({ root })) {
    const members = new Members({ parent, happenings, isSequential: true }, log);
    members.check();
    members.lastList();
    checkNumbers(members, numberedIn(members), { happenings, log });
    opsChecked = members.exchanges.length;
  }
  return log.result({ name: 'sequential-ids', opsChecked, durationMs: performance.now() - startedMs });
}
