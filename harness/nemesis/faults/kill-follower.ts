import { killFault } from './kill.ts';

export const killFollower = killFault({
  name: 'kill-follower',
  doc: 'kill -9 of a follower',
  serversMin: 2,
  target: 'follower',
  mayHitAgain: true,
});
