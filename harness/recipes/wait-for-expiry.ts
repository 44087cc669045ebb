import { pause } from '../ensemble/wait-until.ts';
import { EXPIRY_GRACE } from './members.ts';
import type { Participant } from './participant.ts';

const POLL_MS = 100;

/** Lists `parent` until nobody is left there; gives up when every session that nobody has any more must have expired. */
export async function waitForExpiry(participant: Participant, parent: string): Promise<void> {
  let timeoutMs = Infinity;
  const startedMs = performance.now();
  while (!participant.signal.aborted) {
    await participant.insist((client) => client.sync(parent));
    const list = await participant.insist(async (client) => {
      timeoutMs = client.session?.timeoutMs ?? timeoutMs;
      return client.getChildren(parent);
    });
    if (list?.outcome === 'ok' && list.value.children.length === 0) return;
    // One more than the check allows, and one for the session's own end.
    if (performance.now() - startedMs > (EXPIRY_GRACE + 2) * timeoutMs) return;
    await pause(POLL_MS, participant.signal);
  }
}
