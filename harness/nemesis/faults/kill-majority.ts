import { killFault } from './kill.ts';

export const killMajority = killFault({
  name: 'kill-majority',
  doc: 'kill -9 of a majority at the same time: the others must serve nobody',
  serversMin: 3,
  target: 'majority',
  mayHitAgain: false,
});
