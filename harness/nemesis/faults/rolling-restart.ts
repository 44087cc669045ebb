import { z } from 'zod';
import { leaderOf } from '../../ensemble/ensemble.ts';
import { waitUntil } from '../../ensemble/wait-until.ts';
import type { OutsideFault } from '../fault.ts';
import type { Field } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { proveServing } from '../proofs.ts';
import { chooseVictims } from '../victims.ts';

/** How long all may take to serve again after one of them was restarted. */
const WHOLE_TIMEOUT_MS = 60_000;

const params = z.strictObject({});

/** As an operator does it: one after the other, each when all serve again, the leader last. */
export const rollingRestart: OutsideFault = {
  name: 'rolling-restart',
  doc: 'every server is stopped (SIGTERM) and started again, one after the other, the leader last',
  needs: { serversMin: 2 },
  effect: 'replaced',
  toll: 'servers',
  victimsMax: () => 1,
  lasts: { minMs: 0, maxMs: 0 },
  params,
  draw: () => ({}),
  async aim(field) {
    const { ensemble, holds, signal } = field;
    const { ids, roles } = await chooseVictims(field, 'all', 0);
    const leader = leaderOf(roles);
    if (leader === null || ids.length < ensemble.servers.length) return null;
    const order = ids.toSorted((a, b) => Number(a === leader) - Number(b === leader));
    const owner = {};
    const pidsBefore = pidsOf(field);
    return {
      serverIds: order,
      label: `servers ${order.join(', ')} restarted one by one`,
      async inject() {
        for (const id of order) {
          if (signal.aborted) return;
          await holds.takeDown(id, owner, 'stop');
          await holds.bringUp(id, owner, signal);
          await untilWhole(field);
        }
      },
      async proveActive() {
        const pids = pidsOf(field);
        const same = order.filter((id) => pids.get(id) === pidsBefore.get(id));
        if (same.length > 0)
          throw new NoEffectError(`servers ${same.join(', ')} are the processes they were`);
        const words = order.map((id) => `server ${id}: ${pidsBefore.get(id)} → ${pids.get(id)}`);
        return `other processes, ${words.join('; ')}`;
      },
      async heal(signal) {
        await Promise.all(order.map((id) => holds.bringUp(id, owner, signal)));
      },
      proveHealed: () => proveServing(field, order),
    };
  },
};

function pidsOf({ ensemble }: Field): Map<number, number | null> {
  return new Map(ensemble.servers.map(({ id, pid }) => [id, pid]));
}

/** Or the run is over, or it takes too long: then the next one is restarted all the same, and the end will show it. */
async function untilWhole({ ensemble, silenceLimitMs, signal }: Field): Promise<void> {
  const isWhole = async (): Promise<boolean> => {
    const roles = await ensemble.roles();
    return leaderOf(roles) !== null && ![...roles.values()].includes(null);
  };
  await waitUntil(isWhole, { timeoutMs: WHOLE_TIMEOUT_MS + 2 * silenceLimitMs, signal });
}
