import { leaderOf } from '../ensemble/ensemble.ts';
import type { Fault } from './fault.ts';

/** It keeps its connections, says nothing, and when it goes on does not know yet that it leads no more. */
export const pauseLeader: Fault = {
  name: 'pause-leader',
  doc: 'SIGSTOP of the leader, and SIGCONT once another leads, or now and then before that',
  serversMin: 2,
  effect: 'paused',
  victims({ roles }) {
    const leader = leaderOf(roles);
    return leader === null ? [] : [leader];
  },
  async inject(ensemble, victims) {
    await Promise.all(victims.map((id) => ensemble.pause(id)));
  },
  async mend(ensemble, victims) {
    await Promise.all(victims.map((id) => ensemble.resume(id)));
  },
};
