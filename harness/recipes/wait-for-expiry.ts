import { pause } from '../ensemble/wait-until.ts';
import { EXPIRY_GRACE } from './members.ts';
import type { Participant } from './participant.ts';

const POLL_MS = 100;

/** Lists `parent` until nobody is left there; gives up when every session that nobody has any more must have expired. */
export async function waitForExpiry(participant: Participant, parent: string): Promise<void> {
  await untilExpired(participant, parent, async () => {
    const list = await participant.insist((client) => client.getChildren(parent));
    return list?.outcome === 'ok' && list.value.children.length === 0;
  });
}

/** Asks again and again, each time behind a sync of `path`, until the answer is yes or every such session must have expired. */
export async function untilExpired(
  participant: Participant,
  path: string,
  isMet: () => Promise<boolean>,
): Promise<void> {
  const startedMs = performance.now();
  let timeoutMs = Infinity;
  while (!participant.signal.aborted) {
    await participant.insist((client) => {
      timeoutMs = client.session?.timeoutMs ?? timeoutMs;
      return client.sync(path);
    });
    if (await isMet()) return;
    // One more than the check allows, and one for the session's own end.
    if (performance.now() - startedMs > (EXPIRY_GRACE + 2) * timeoutMs) return;
    await pause(POLL_MS, participant.signal);
  }
}
