import type { Ensemble } from '../ensemble/ensemble.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { Fault, Mending } from './fault.ts';

/** How often a server is killed again before it serves. */
const KILLED_AGAIN_SHARE = 0.2;
/** About how long a server takes to come back. */
const RECOVERY_MS = 500;

/** What all faults have in common that end servers with SIGKILL and start them again on the data they have. */
export const KILL: Pick<Fault, 'effect' | 'inject' | 'mend'> = {
  effect: 'killed',
  async inject(ensemble, victims) {
    await Promise.all(victims.map((id) => ensemble.kill(id)));
  },
  async mend(ensemble, victims, { signal }) {
    await Promise.all(victims.map((id) => ensemble.restart(id, signal)));
  },
};

/** The same, and now and then a victim is killed once more: a crash while it comes back must cost no more. */
export const KILL_AGAIN: typeof KILL = {
  ...KILL,
  async mend(ensemble, victims, mending) {
    if (mending.mayHitAgain && mending.prng.next() < KILLED_AGAIN_SHARE) {
      await Promise.all(victims.map((id) => killWhileRecovering(ensemble, id, mending)));
    }
    await KILL.mend(ensemble, victims, mending);
  },
};

async function killWhileRecovering(ensemble: Ensemble, id: number, { prng, signal }: Mending): Promise<void> {
  const starting = ensemble.restart(id, signal).catch(() => {
    // It ended before it served: that is the point.
  });
  await pause(prng.next() * RECOVERY_MS, signal);
  await ensemble.kill(id);
  await starting;
}
