import { pauseFault } from './pause.ts';

export const pauseFollower = pauseFault({
  name: 'pause-follower',
  doc: 'SIGSTOP of a follower, and SIGCONT',
  serversMin: 2,
  target: 'follower',
});
