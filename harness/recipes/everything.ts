import type { Prng } from '../../server/base/prng.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import type { MultiOp } from '../../server/wire/records/multi-request.ts';
import { FindingLog } from '../checkers/finding-log.ts';
import { type Client, OPEN_ACL, type Watcher } from '../client/client.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Happening } from '../transcript/happening.ts';
import { exchangesBelow } from './exchanges.ts';
import type { Participant } from './participant.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';

/** Znodes below the root, each with so many children at most besides sequential ones. */
const PARENTS = 4;
const CHILDREN = 3;
/** Requests that are sent together. */
const BURST_MAX = 4;
/** Of the steps, after how many a participant leaves or vanishes, and comes back with another session. */
const LEAVE_SHARE = 0.004;
const VANISH_SHARE = 0.002;

/**
 * All kinds of requests in any order on few znodes, several on their way at a time, with watches: no use that anybody has,
 * and so all that others have. What is right is for the model alone to say.
 */
export const everything: Recipe = {
  name: 'everything',
  doc: 'all kinds of requests in any order on few znodes, several on their way at a time',
  isForTheModelAlone: true,
  participants: 6,
  rate: 20,

  async prepare(participant) {
    for (let i = 0; i < PARENTS; i++) {
      await participant.insist((client) => client.create(`${participant.root}/n${i}`, participant.unique()));
    }
  },

  join: (participant): Step => {
    const { prng } = participant;
    return async () => {
      const draw = prng.next();
      if (draw < LEAVE_SHARE) await participant.leave();
      else if (draw < LEAVE_SHARE + VANISH_SHARE) participant.vanish();
      else await burst(participant);
    };
  },

  async conclude(participant) {
    await participant.insist((client) => client.sync(participant.root));
    for (let i = 0; i < PARENTS; i++) {
      const path = `${participant.root}/n${i}`;
      await participant.insist((client) => client.getData(path));
      const listed = await participant.insist((client) => client.getChildren(path));
      for (const child of listed?.outcome === 'ok' ? listed.value.children : [])
        await participant.insist((client) => client.getData(`${path}/${child}`));
    }
  },

  check,
};

/** Answers come in the order in which they were asked for. */
async function burst(participant: Participant): Promise<void> {
  const { prng } = participant;
  const requests = Array.from({ length: 1 + prng.below(BURST_MAX) }, () => draw(participant));
  await Promise.all(requests.map((request) => participant.attempt(request)));
}

type Request = (client: Client) => Promise<unknown>;

function draw(participant: Participant): Request {
  const { prng } = participant;
  const path = drawPath(participant);
  const watcher: Watcher | undefined = prng.next() < 0.3 ? () => {} : undefined;
  const kind = prng.below(12);
  if (kind < 2) return (client) => client.getData(path, watcher);
  if (kind < 4) return (client) => client.getChildren(path, watcher);
  if (kind < 5) return (client) => client.exists(path, watcher);
  if (kind < 6) return (client) => client.sync(path);
  if (kind < 7) {
    const ops = Array.from({ length: 1 + prng.below(3) }, () => drawPart(participant));
    return (client) => client.multi(ops);
  }
  if (kind < 9) {
    const [data, version] = [participant.unique(), drawVersion(prng)];
    return (client) => client.setData(path, data, version);
  }
  if (kind < 10) {
    const version = drawVersion(prng);
    return (client) => client.delete(path, version);
  }
  const { flags, path: name, data } = drawCreate(participant);
  return (client) => client.create(name, data, { flags });
}

function drawPart(participant: Participant): MultiOp {
  const { prng } = participant;
  const [path, version] = [drawPath(participant), drawVersion(prng)];
  switch (prng.below(4)) {
    case 0: {
      const { flags, path, data } = drawCreate(participant);
      return { type: OpCode.create, request: { path, data, acl: OPEN_ACL, flags } };
    }
    case 1:
      return { type: OpCode.setData, request: { path, data: participant.unique(), version } };
    case 2:
      return { type: OpCode.delete, request: { path, version } };
    default:
      return { type: OpCode.check, request: { path, version } };
  }
}

function drawCreate(participant: Participant): {
  readonly path: string;
  readonly flags: number;
  readonly data: Uint8Array;
} {
  const { prng } = participant;
  const flags = [
    CreateMode.persistent,
    CreateMode.ephemeral,
    CreateMode.persistentSequential,
    CreateMode.ephemeralSequential,
  ][prng.below(4)] as number;
  const isSequential = flags === CreateMode.persistentSequential || flags === CreateMode.ephemeralSequential;
  const path = isSequential ? `${drawParent(participant)}/s-` : drawPath(participant);
  return { path, flags, data: participant.unique() };
}

function drawParent({ root, prng }: Participant): string {
  return `${root}/n${prng.below(PARENTS)}`;
}

function drawPath(participant: Participant): string {
  const { prng } = participant;
  const parent = drawParent(participant);
  const depth = prng.next();
  if (depth < 0.3) return parent;
  const child = `${parent}/c${prng.below(CHILDREN)}`;
  return depth < 0.9 ? child : `${child}/d`;
}

/** Most do not ask for one. */
function drawVersion(prng: Prng): number {
  return prng.next() < 0.3 ? prng.below(4) : -1;
}

/** A run in which nothing was done would be right, too. */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const exchanges = exchangesBelow(root, happenings);
  const answered = exchanges.filter(({ reply }) => reply?.err === 0).length;
  if (answered === 0) log.unknown('nothing done', `of ${exchanges.length} requests none was answered`);
  if (!happenings.some(isEvent)) log.unknown('no events', 'no watch has fired');
  const durationMs = performance.now() - startedMs;
  return log.result({ name: 'everything', opsChecked: exchanges.length, durationMs });
}

function isEvent({ type }: Happening): boolean {
  return type === 'event';
}
