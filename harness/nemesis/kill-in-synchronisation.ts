import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../server/base/assert.ts';
import { type Ensemble, leaderOf, serverById } from '../ensemble/ensemble.ts';
import { fourLetterWord } from '../ensemble/four-letter-word.ts';
import { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import type { ProcessServer } from '../ensemble/process-server.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import type { Fault } from './fault.ts';

/** What the follower has to catch up with, in txns, and how long the load may take for it. */
const BEHIND_BY = 50;
const BEHIND_TIMEOUT_MS = 5_000;
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
export const killInSynchronisation: Fault = {
  name: 'kill-in-synchronisation',
  doc: 'kill -9 of a follower when it has just begun a new epoch, and of its leader, so that others must agree without them',
  serversMin: 3,
  effect: 'killed',
  victims({ servers, roles, prng }) {
    const leader = leaderOf(roles);
    const voters = servers.filter(({ isObserver }) => !isObserver);
    if (leader === null || voters.length !== 3) return [];
    const followers = voters.map(({ id }) => id).filter((id) => id !== leader);
    if (prng.next() < 0.5) followers.reverse();
    const [follower = 0, successor = 0] = followers;
    return [follower, leader, successor];
  },

  async inject(ensemble, victims) {
    const [follower, leader, successor] = serversOf(ensemble, victims);
    await follower.kill();
    await untilBehind(leader);
    await leader.kill();
    await killAtNewEpoch(follower, successor);
  },

  /** The successor comes back when the others have agreed. */
  async mend(ensemble, victims, { signal }) {
    const [follower, leader, successor] = serversOf(ensemble, victims);
    await Promise.all([follower.start(signal), leader.start(signal)]);
    await successor.start(signal);
  },
};

function serversOf(
  ensemble: Ensemble,
  victims: readonly number[],
): readonly [ProcessServer, ProcessServer, ProcessServer] {
  assert(ensemble instanceof ProcessEnsemble, 'the servers are ours to kill');
  const [follower = 0, leader = 0, successor = 0] = victims;
  return [
    serverById(ensemble.servers, follower),
    serverById(ensemble.servers, leader),
    serverById(ensemble.servers, successor),
  ];
}

/** As many writes as the load makes in the time it has. */
async function untilBehind(leader: ProcessServer): Promise<void> {
  const before = await zxidOf(leader);
  await waitUntil(async () => (await zxidOf(leader)) >= before + BEHIND_BY, {
    timeoutMs: BEHIND_TIMEOUT_MS,
    everyMs: 10,
  });
}

async function zxidOf({ clientAddress }: ProcessServer): Promise<number> {
  const answer = await fourLetterWord(clientAddress, 'srvr');
  return Number.parseInt(/Zxid: 0x([0-9a-f]+)/.exec(answer)?.[1] ?? '0', 16);
}

/** From outside there is no nearer sign of it than the file. */
async function killAtNewEpoch(follower: ProcessServer, successor: ProcessServer): Promise<void> {
  const directory = join(follower.dataDir, 'version-2');
  const before = currentEpochIn(directory);
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(directory, (_, name) => {
      if (name === 'currentEpoch' && (currentEpochIn(directory) ?? before) !== before) end();
    });
    const timer = setTimeout(end, EPOCH_TIMEOUT_MS);
    follower.spawn().catch(end);
    function end(): void {
      const killed = [follower.kill(), successor.kill()];
      clearTimeout(timer);
      watcher.close();
      Promise.all(killed).then(() => resolve(), reject);
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
