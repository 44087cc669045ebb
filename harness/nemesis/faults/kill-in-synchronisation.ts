import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { leaderOf } from '../../ensemble/ensemble.ts';
import type { ProcessServer } from '../../ensemble/process-server.ts';
import { zxidOf } from '../../ensemble/server-zxid.ts';
import { waitUntil } from '../../ensemble/wait-until.ts';
import type { InsideFault } from '../fault.ts';
import { processServerOf, votersOf } from '../field.ts';
import { proveEnded, proveServing } from '../proofs.ts';

/** What the follower has to catch up with, in txns, and how long the load may take for it. */
const BEHIND_BY = 50;
const BEHIND_TIMEOUT_MS = 5_000;
/** Which of the two followers is killed in its synchronisation. */
const params = z.strictObject({ isLowestFirst: z.boolean().default(true) });

/** How long the follower may take to begin the new epoch. */
const EPOCH_TIMEOUT_MS = 20_000;

/**
 * The moment at which a follower has entered an epoch and may not have the history that belongs to it (ZOOKEEPER-4643,
 * -4646, -4785: B13 to B15 of reliability §2). Of three servers, the follower is away while the others acknowledge
 * writes; the leader dies; the third leads, brings the follower up to date, and both are killed as soon as the new epoch
 * is in the follower's `currentEpoch`. Then those two come back of which one has the writes and the other the later
 * epoch. If the epoch was written before the history, it wins, and what was acknowledged is taken back everywhere.
 *
 * The victims are the follower, the leader, and the one that leads after it, in this order.
 */
export const killInSynchronisation: InsideFault = {
  name: 'kill-in-synchronisation',
  doc: 'kill -9 of a follower when it has just begun a new epoch, and of its leader, so that others must agree without them',
  needs: { serversMin: 3, files: true },
  effect: 'killed',
  toll: 'servers',
  victimsMax: () => 3,
  lasts: { minMs: 0, maxMs: 0 },
  params,
  draw: (prng) => ({ isLowestFirst: prng.next() >= 0.5 }),

  async aim(field, given) {
    const { isLowestFirst } = params.parse(given);
    const { ensemble, holds } = field;
    const leader = leaderOf(await ensemble.roles());
    const voters = votersOf(ensemble);
    if (leader === null || voters.length !== 3 || !voters.every((id) => holds.isFree(id))) return null;
    const followers = voters.filter((id) => id !== leader);
    if (!isLowestFirst) followers.reverse();
    const ids = [followers[0] as number, leader, followers[1] as number] as const;
    const owner = {};
    const [follower, , successor] = ids.map((id) => processServerOf(field, id)) as [
      ProcessServer,
      ProcessServer,
      ProcessServer,
    ];
    let epochs = '';
    return {
      serverIds: ids,
      label: `servers ${ids.join(', ')} killed`,
      async inject() {
        for (const id of ids) holds.holdDown(id, owner);
        await holds.takeDown(follower.id, owner);
        const caughtUpBy = await untilBehind(processServerOf(field, leader));
        await holds.takeDown(leader, owner);
        epochs = `${caughtUpBy} txns ahead of it, ${await killAtNewEpoch(follower, successor)}`;
      },
      proveActive: async () => `${await proveEnded(field, ids)}; the others were ${epochs}`,
      /** The successor comes back when the others have agreed. */
      async heal(signal) {
        await Promise.all([holds.bringUp(follower.id, owner, signal), holds.bringUp(leader, owner, signal)]);
        await holds.bringUp(successor.id, owner, signal);
      },
      proveHealed: () => proveServing(field, ids),
    };
  },
};

/** As many writes as the load makes in the time it has; returns how many. */
async function untilBehind(leader: ProcessServer): Promise<number> {
  const before = await zxidOf(leader.clientAddress);
  let zxid = before;
  await waitUntil(async () => (zxid = await zxidOf(leader.clientAddress)) >= before + BEHIND_BY, {
    timeoutMs: BEHIND_TIMEOUT_MS,
    everyMs: 10,
  });
  return zxid - before;
}

/** From outside there is no nearer sign of it than the file. */
async function killAtNewEpoch(follower: ProcessServer, successor: ProcessServer): Promise<string> {
  const directory = join(follower.dataDir, 'version-2');
  const before = currentEpochIn(directory);
  return new Promise((resolve, reject) => {
    const watcher = watch(directory, (_, name) => {
      if (name === 'currentEpoch' && (currentEpochIn(directory) ?? before) !== before) end();
    });
    const timer = setTimeout(end, EPOCH_TIMEOUT_MS);
    follower.spawn().catch(end);
    function end(): void {
      const killed = [follower.kill(), successor.kill()];
      clearTimeout(timer);
      watcher.close();
      const after = currentEpochIn(directory);
      const words = after === before ? `it had begun no new epoch` : `it had begun epoch ${after}`;
      Promise.all(killed).then(() => resolve(words), reject);
    }
  });
}

/** Null while there is none. */
function currentEpochIn(directory: string): string | null {
  try {
    return readFileSync(join(directory, 'currentEpoch'), 'utf8') || null;
  } catch {
    return null;
  }
}
