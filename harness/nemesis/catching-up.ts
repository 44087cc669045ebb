import { serverById } from '../ensemble/ensemble.ts';
import { leaderOf } from '../ensemble/ensemble.ts';
import { zxidOf } from '../ensemble/server-zxid.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import type { Field } from './field.ts';
import { NoEffectError } from './no-effect.ts';

const CATCH_UP_TIMEOUT_MS = 60_000;

/** That these have everything that the leader has now. @throws NoEffectError */
export async function proveCaughtUp(field: Field, ids: readonly number[]): Promise<string> {
  const { ensemble, silenceLimitMs, signal } = field;
  let goal = 0;
  const timeoutMs = CATCH_UP_TIMEOUT_MS + 2 * silenceLimitMs;
  const isThere = async (id: number): Promise<boolean> =>
    (await zxidOf(serverById(ensemble.servers, id).clientAddress).catch(() => 0)) >= goal;
  await waitUntil(
    async () => {
      const leader = leaderOf(await ensemble.roles());
      if (leader === null) return false;
      goal = await zxidOf(serverById(ensemble.servers, leader).clientAddress).catch(() => 0);
      return goal > 0;
    },
    { timeoutMs, signal },
  );
  if (goal === 0) throw new NoEffectError('there is no leader to compare with');
  const evidence = ids.map(async (id) => {
    const end = await waitUntil(() => isThere(id), { timeoutMs, signal });
    const words = `the leader's zxid 0x${goal.toString(16)}`;
    if (end !== 'met') throw new NoEffectError(`server ${id} has not come to ${words}`);
    return `server ${id} has come to ${words}`;
  });
  return (await Promise.all(evidence)).join('; ');
}
