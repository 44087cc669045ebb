import { killFault } from './kill.ts';

export const killLeader = killFault({
  name: 'kill-leader',
  doc: 'kill -9 of the leader',
  serversMin: 2,
  target: 'leader',
  mayHitAgain: true,
});
