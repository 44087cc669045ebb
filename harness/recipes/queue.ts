import { FindingLog } from '../checkers/finding-log.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import type { CheckerResult } from '../history/verification.ts';
import { Members } from './members.ts';
import { checkNumbers, numberedIn, numberIn } from './numbers.ts';
import type { Attempt, Participant } from './participant.ts';
import { dataIn } from './read-reply.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';

/** Items that a producer sends together, at most. */
const BURST_MAX = 3;
/** How far from its head somebody takes an item, at most, so that not all want the same. */
const REACH = 4;
const LEAVE_SHARE = 0.01;
const VANISH_SHARE = 0.01;

/**
 * A queue: items are sequential znodes that producers make and consumers list, read and delete. Whose delete is done has
 * the item. Everybody is both.
 */
export const queue: Recipe = {
  name: 'queue',
  doc: 'items as sequential znodes; whoever deletes one has it',
  participants: 6,
  rate: 30,

  async prepare(participant) {
    await participant.insist((client) => client.create(parentOf(participant)));
  },

  join: (participant): Step => {
    const { prng } = participant;
    return async () => {
      const draw = prng.next();
      if (draw < LEAVE_SHARE) await participant.leave();
      else if (draw < LEAVE_SHARE + VANISH_SHARE) participant.vanish();
      else if (draw < 0.4) await produce(participant);
      else await consume(participant);
    };
  },

  async conclude(participant) {
    const parent = parentOf(participant);
    await participant.insist((client) => client.sync(parent));
    const list = await participant.insist((client) => client.getChildren(parent));
    for (const name of list?.outcome === 'ok' ? list.value.children : [])
      await participant.insist((client) => client.getData(`${parent}/${name}`));
  },

  check,
};

function parentOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/queue`;
}

async function produce(participant: Participant): Promise<void> {
  const parent = parentOf(participant);
  const make = (): Promise<unknown> => {
    const item = participant.unique();
    return participant.attempt((client) =>
      client.create(`${parent}/${item.toString()}-`, item, { flags: CreateMode.persistentSequential }),
    );
  };
  await Promise.all(Array.from({ length: 1 + participant.prng.below(BURST_MAX) }, make));
}

/** Takes one of the first; where somebody was faster, the next. */
async function consume(participant: Participant): Promise<void> {
  const list = await participant.attempt((client) => client.getChildren(parentOf(participant)));
  if (list.outcome !== 'ok') return;
  const names = [...list.value.children].sort((a, b) => numberIn(a) - numberIn(b));
  for (const name of names.slice(participant.prng.below(REACH)))
    if ((await take(participant, name)).outcome !== 'refused') return;
}

async function take(participant: Participant, name: string): Promise<Attempt<unknown>> {
  const path = `${parentOf(participant)}/${name}`;
  const read = await participant.attempt((client) => client.getData(path));
  return read.outcome === 'ok' ? participant.attempt((client) => client.delete(path)) : read;
}

/**
 * Whatever was acknowledged to its producer is taken once at most, and in the end it was taken or is still there, with
 * what was put into it; items of one producer stand in the order in which it has sent them.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const members = new Members({ parent: parentOf({ root }), happenings, isSequential: true }, log);
  members.check();
  members.lastList();
  checkNumbers(members, numberedIn(members), { happenings, log });
  for (const exchange of members.exchanges) {
    const { op } = exchange;
    const read = dataIn(exchange);
    const item = op?.f === 'getData' ? members.named(members.nameIn(op.path) ?? '') : undefined;
    if (read === null || item === undefined || item.key === `${read.text}-`) continue;
    const explanation = `${item.key} was put there [1] and has "${read.text}" in it [2], which is not what was put there`;
    log.invalid('other data', explanation, [item.add, exchange]);
  }
  return log.result({
    name: 'queue',
    opsChecked: members.exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}
