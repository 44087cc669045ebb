import { leaderOf } from '../ensemble/ensemble.ts';
import type { Fault } from './fault.ts';
import { KILL_AGAIN } from './kill.ts';

export const killLeader: Fault = {
  ...KILL_AGAIN,
  name: 'kill-leader',
  doc: 'kill -9 of the leader',
  serversMin: 2,
  victims({ roles }) {
    const leader = leaderOf(roles);
    return leader === null ? [] : [leader];
  },
};
