import type { CheckerResult } from '../history/verification.ts';
import { FindingLog } from '../checkers/finding-log.ts';
import { exchangesBelow } from './exchanges.ts';
import type { Participant } from './participant.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';
import { checkVersions } from './versions.ts';

const REGISTERS = 5;

/**
 * Some znodes that are read, overwritten, and changed only as they were read (compare and set by their version), as
 * offsets, leases and settings are.
 */
export const register: Recipe = {
  name: 'register',
  doc: 'few znodes that are read, written, and compared and set by their version',
  participants: 6,
  rate: 30,

  async prepare(participant) {
    for (let i = 0; i < REGISTERS; i++) {
      await participant.insist((client) => client.create(pathOf(participant, i), participant.unique()));
    }
  },

  join: (participant): Step => {
    const { prng } = participant;
    return async () => {
      const path = pathOf(participant, prng.below(REGISTERS));
      const draw = prng.next();
      if (draw < 0.3) {
        await participant.attempt((client) => client.setData(path, participant.unique()));
        return;
      }
      const read = await participant.attempt((client) => client.getData(path));
      if (draw < 0.6 || read.outcome !== 'ok') return;
      const { version } = read.value.stat;
      await participant.attempt((client) => client.setData(path, participant.unique(), version));
    };
  },

  async conclude(participant) {
    for (let i = 0; i < REGISTERS; i++) {
      const path = pathOf(participant, i);
      await participant.insist((client) => client.sync(path));
      await participant.insist((client) => client.getData(path));
    }
  },

  check,
};

function pathOf({ root }: Participant, i: number): string {
  return `${root}/r${i}`;
}

function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const exchanges = exchangesBelow(root, happenings);
  const log = new FindingLog();
  checkVersions(exchanges, log);
  return log.result({
    name: 'register',
    opsChecked: exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}
