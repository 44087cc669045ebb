import { pauseFault } from './pause.ts';

export const pauseLeader = pauseFault({
  name: 'pause-leader',
  doc: 'SIGSTOP of the leader, and SIGCONT once another leads, or now and then before that',
  serversMin: 2,
  target: 'leader',
});
